"""The toy method's page."""

from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from idp.core.identification.method import Standing
from idp.core.signin.identification import identification_for
from idp.web.signin.interaction_pages import InteractionPages, onward
from idp_tests.toys.paper_code.method import PaperCodes, PaperStartRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPage:
    """One field."""

    pages: InteractionPages
    method: PaperCodes
    step_name: str

    def blueprint(self) -> Blueprint:
        templates = str(Path(__file__).parent / "templates")
        routes = Blueprint(f"signin_{self.step_name}", __name__, template_folder=templates)
        routes.get(f"/signin/<interaction_id>/{self.step_name}")(self.page)
        routes.post(f"/signin/<interaction_id>/{self.step_name}")(self.submit)
        return routes

    def page(self, interaction_id: str) -> BaseResponse:
        context = self.pages.enter(interaction_id)
        if not context.is_at(self.step_name):
            return onward(context)
        is_wrong = self.method.look(context.id) is Standing.FAILED
        return self.pages.show(
            "signin/paper.html", context, http_status=422 if is_wrong else 200, step_name=self.step_name
        )

    def submit(self, interaction_id: str) -> BaseResponse:
        context = self.pages.enter(interaction_id)
        if context.required is not None and context.is_at(self.step_name):
            start_request = PaperStartRequest(code=request.form.get("code", ""), address=request.remote_addr or "")
            self.method.start(identification_for(context.journey, context.required.reason), start_request, context.now)
        return onward(context)
