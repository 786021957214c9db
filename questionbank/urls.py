"""Addresses of the question bank's pages."""

from django.urls import path

from questionbank.views import bulk, editor, exports, imports, question, reading, workflow

urlpatterns = [
    path("questions/", reading.questions, name="questions"),
    path("questions/new/", editor.new_question, name="new_question"),
    path("questions/new/autosave/", editor.autosave, name="autosave_new_question"),
    path("questions/new/drop-copy/", editor.drop_copy, name="drop_new_copy"),
    path("questions/import/", imports.imports, name="imports"),
    path("questions/import/template/<slug:format_name>/", imports.import_template, name="import_template"),
    path("questions/import/<uuid:pk>/", imports.import_detail, name="import"),
    path("questions/import/<uuid:pk>/check/", imports.check_import, name="check_import"),
    path("questions/import/<uuid:pk>/apply/", imports.apply_import, name="apply_import"),
    path("questions/import/<uuid:pk>/cancel/", imports.cancel_import, name="cancel_import"),
    path("questions/import/<uuid:pk>/problems/", imports.import_problems, name="import_problems"),
    path("questions/export/", exports.export, name="export"),
    path("questions/bulk/", bulk.bulk, name="bulk"),
    path("questions/preview/", editor.preview, name="preview_prompt"),
    path("questions/<uuid:pk>/", question.question_detail, name="question_detail"),
    path("questions/<uuid:pk>/versions/<int:number>/", question.question_detail, name="question_version"),
    path("questions/<uuid:pk>/edit/", editor.edit_question, name="edit_question"),
    path("questions/<uuid:pk>/autosave/", editor.autosave, name="autosave_question"),
    path("questions/<uuid:pk>/topic/", editor.change_topic, name="change_topic"),
    path("questions/<uuid:pk>/drop-copy/", editor.drop_copy, name="drop_copy"),
    path("questions/<uuid:pk>/compare/", question.compare_versions, name="compare_versions"),
    path("questions/<uuid:pk>/history/", question.question_history, name="question_history"),
    path("questions/<uuid:pk>/discard/", workflow.discard_draft, name="discard_draft"),
    path("questions/<uuid:pk>/versions/<int:number>/hand-in/", workflow.hand_in_version, name="hand_in_version"),
    path("questions/<uuid:pk>/versions/<int:number>/take-back/", workflow.take_back_version, name="take_back_version"),
    path("questions/<uuid:pk>/versions/<int:number>/approve/", workflow.approve_version, name="approve_version"),
    path("questions/<uuid:pk>/versions/<int:number>/retire/", workflow.retire_version, name="retire_version"),
    path("questions/<uuid:pk>/versions/<int:number>/comments/", workflow.comment_version, name="comment_version"),
    path("questions/<uuid:pk>/comments/<int:comment>/resolve/", workflow.resolve_comment, name="resolve_comment"),
]
