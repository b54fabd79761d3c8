"""Headers of the page and of the reading endpoints, and Swagger UI."""

import re

import httpx
import pytest

pytestmark = pytest.mark.system


@pytest.mark.parametrize("path", ["/models", "/styles", "/docs.json"])
def test_an_unchanged_document_is_not_sent_again(service: httpx.Client, path: str) -> None:
    tag = service.get(path).headers["etag"]
    again = service.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert service.get(path, headers={"If-None-Match": '"another"'}).status_code == 200


def test_text_is_compressed_where_the_client_accepts_it(service: httpx.Client) -> None:
    assert service.get("/page/style.css").headers["content-encoding"] == "gzip"
    plain = service.get("/page/style.css", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers


def test_no_other_site_may_frame_the_page_and_its_folder_leads_to_it(service: httpx.Client) -> None:
    for path in ("/", "/docs", "/page/app.js"):
        assert "frame-ancestors 'none'" in service.get(path).headers["content-security-policy"]
        assert len(service.get(path).headers.get_list("content-security-policy")) == 1
    for path in ("/page", "/page/"):
        assert service.get(path, follow_redirects=True).text == service.get("/").text


def test_swagger_ui_comes_from_the_service_itself(service: httpx.Client) -> None:
    addresses = re.findall(r'(?:src|href)="([^"]+)"', service.get("/docs").text)
    assert len(addresses) >= 4
    for address in addresses:
        assert "//" not in address
        assert service.get(f"/{address}").status_code == 200, address
