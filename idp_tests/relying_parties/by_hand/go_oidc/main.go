// Ferry: a Go service whose people log in with coreos/go-oidc.
package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

func main() {
	ctx := context.Background()
	provider, err := oidc.NewProvider(ctx, os.Getenv("ISSUER"))
	if err != nil {
		log.Fatal(err)
	}
	config := oauth2.Config{
		ClientID:     "ferry",
		ClientSecret: os.Getenv("CLIENT_SECRET"),
		Endpoint:     provider.Endpoint(),
		RedirectURL:  os.Getenv("ADDRESS") + "/callback",
		Scopes:       []string{oidc.ScopeOpenID, "profile", "email"},
	}
	verifier := provider.Verifier(&oidc.Config{ClientID: config.ClientID})

	http.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		state, nonce, pkce := oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
		for name, value := range map[string]string{"state": state, "nonce": nonce, "pkce": pkce} {
			http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
		}
		http.Redirect(w, r, config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(pkce)), http.StatusFound)
	})

	http.HandleFunc("/callback", func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if query.Get("state") != cookie(r, "state") || query.Get("iss") != os.Getenv("ISSUER") {
			http.Error(w, "the answer is not for this browser, or not from our provider", http.StatusBadRequest)
			return
		}
		tokens, err := config.Exchange(r.Context(), query.Get("code"), oauth2.VerifierOption(cookie(r, "pkce")))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		raw, _ := tokens.Extra("id_token").(string)
		token, err := verifier.Verify(r.Context(), raw)
		if err != nil || token.Nonce != cookie(r, "nonce") {
			http.Error(w, "the ID token does not hold", http.StatusBadGateway)
			return
		}
		person, err := provider.UserInfo(r.Context(), config.TokenSource(r.Context(), tokens))
		if err != nil || person.Subject != token.Subject {
			http.Error(w, "UserInfo is about somebody else", http.StatusBadGateway)
			return
		}
		var claims map[string]any
		_ = person.Claims(&claims)
		_ = json.NewEncoder(w).Encode(claims)
	})

	log.Fatal(http.ListenAndServe(os.Getenv("LISTEN"), nil))
}

func cookie(r *http.Request, name string) string {
	found, err := r.Cookie(name)
	if err != nil || found.Value == "" {
		return "none"
	}
	return found.Value
}
