from starlette.requests import Request
from starlette.responses import Response

from atelier.service.http.openapi import GetRoute, complete
from atelier.settings import Settings


class Item(Settings):
    name: str
    size: int | None


class ItemsResponse(Settings):
    items: tuple[Item, ...]
    error: str | None = None


async def respond(_: Request) -> Response:
    return Response()


ROUTE = GetRoute("/items", respond, ItemsResponse, description="All items.", statuses={"200": "Items.", "503": "None."})
DOCUMENT = {"info": {"version": "1"}, "components": {"schemas": {"Other": {}}}, "paths": {"/readyz": {"get": {}}}}


def test_a_get_route_is_documented_with_its_response_model() -> None:
    document = complete(DOCUMENT, [ROUTE])
    assert document["paths"].keys() == {"/readyz", "/items"}
    get = document["paths"]["/items"]["get"]
    assert (get["operationId"], get["description"]) == ("items", "All items.")
    schema = {"$ref": "#/components/schemas/ItemsResponse"}
    assert get["responses"] == {
        status: {"description": description, "content": {"application/json": {"schema": schema}}}
        for status, description in ROUTE.statuses.items()
    }


def test_schemas_of_nested_models_are_included_and_null_becomes_nullable() -> None:
    schemas = complete(DOCUMENT, [ROUTE])["components"]["schemas"]
    assert schemas.keys() == {"Other", "ErrorResponse", "ItemsResponse", "Item"}
    items = schemas["ItemsResponse"]
    assert items["required"] == ["items"]
    assert items["properties"]["items"]["items"] == {"$ref": "#/components/schemas/Item"}
    assert items["properties"]["error"] | {"type": "string", "nullable": True} == items["properties"]["error"]
    size = schemas["Item"]["properties"]["size"]
    assert (size["type"], size["nullable"]) == ("integer", True)
    assert "anyOf" not in size
