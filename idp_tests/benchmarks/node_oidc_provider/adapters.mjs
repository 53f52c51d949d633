// Where the peer keeps its models: a Map, or one PostgreSQL table, as its documentation describes an adapter.
import pg from 'pg';

const now = () => Math.floor(Date.now() / 1000);
const kept = new Map();
const of = (grantId) => `grant:${grantId}`;

export class MapAdapter {
  constructor(model) { this.model = model; }

  async upsert(id, payload) {
    kept.set(`${this.model}:${id}`, payload);
    if (payload.uid) kept.set(`uid:${payload.uid}`, `${this.model}:${id}`);
    if (payload.grantId) {
      const ids = kept.get(of(payload.grantId)) ?? [];
      ids.push(`${this.model}:${id}`);
      kept.set(of(payload.grantId), ids);
    }
  }

  async find(id) { return kept.get(`${this.model}:${id}`); }

  async findByUid(uid) { return kept.get(kept.get(`uid:${uid}`)); }

  async findByUserCode() { return undefined; }

  async consume(id) { kept.get(`${this.model}:${id}`).consumed = now(); }

  async destroy(id) { kept.delete(`${this.model}:${id}`); }

  async revokeByGrantId(grantId) {
    for (const id of kept.get(of(grantId)) ?? []) kept.delete(id);
    kept.delete(of(grantId));
  }
}

export async function postgresAdapter(address) {
  const pool = new pg.Pool({ connectionString: address, max: 10 });
  await pool.query(`CREATE TABLE IF NOT EXISTS models (
    model text, id text, payload jsonb NOT NULL, grant_id text, uid text, expires_at timestamptz, consumed_at timestamptz,
    PRIMARY KEY (model, id))`);
  await pool.query('CREATE INDEX IF NOT EXISTS models_by_grant ON models (grant_id)');
  await pool.query('CREATE INDEX IF NOT EXISTS models_by_uid ON models (uid)');
  const ask = (name, text, values) => pool.query({ name, text, values });
  const read = ({ rows: [row] }) => row && { ...row.payload, ...(row.consumed_at ? { consumed: true } : undefined) };

  return class PostgresAdapter {
    constructor(model) { this.model = model; }

    async upsert(id, payload, expiresIn) {
      await ask('upsert', `INSERT INTO models (model, id, payload, grant_id, uid, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (model, id) DO UPDATE SET payload = $3, grant_id = $4, uid = $5, expires_at = $6`,
      [this.model, id, payload, payload.grantId, payload.uid, expiresIn ? new Date(Date.now() + expiresIn * 1000) : null]);
    }

    async find(id) {
      return read(await ask('find', 'SELECT payload, consumed_at FROM models WHERE model = $1 AND id = $2', [this.model, id]));
    }

    async findByUid(uid) {
      return read(await ask('uid', 'SELECT payload, consumed_at FROM models WHERE model = $1 AND uid = $2', [this.model, uid]));
    }

    async findByUserCode() { return undefined; }

    async consume(id) { await ask('consume', 'UPDATE models SET consumed_at = now() WHERE model = $1 AND id = $2', [this.model, id]); }

    async destroy(id) { await ask('destroy', 'DELETE FROM models WHERE model = $1 AND id = $2', [this.model, id]); }

    async revokeByGrantId(grantId) { await ask('revoke', 'DELETE FROM models WHERE grant_id = $1', [grantId]); }
  };
}
