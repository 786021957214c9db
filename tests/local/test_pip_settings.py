from config.local.pip_settings import uv_environment


def test_pips_settings_are_said_in_uvs_words() -> None:
    listed = [
        "global.cert='/etc/company.pem'",
        "global.extra-index-url='\\nfile:///one\\nfile:///two'",
        "global.find-links='/wheels /more wheels'",
        "global.timeout='60'",
    ]
    assert uv_environment(listed, {}) == {
        "SSL_CERT_FILE": "/etc/company.pem",
        "UV_FIND_LINKS": "/wheels,/more,wheels",  # pip too takes a space for the end of a path
        "UV_INDEX": "file:///one file:///two",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def test_pips_variables_win_over_its_files_though_listed_first() -> None:
    listed = [":env:.find-links='/from/environment'", "global.find-links='/from/file'"]
    assert uv_environment(listed, {}) == {"UV_FIND_LINKS": "/from/environment"}


def test_what_was_set_for_uv_stands() -> None:
    assert uv_environment(["global.index-url='https://mirror/simple'"], {"UV_DEFAULT_INDEX": "mine"}) == {}
