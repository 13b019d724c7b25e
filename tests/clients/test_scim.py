"""scim2-client and scim2-tester as they are, and requests of the shapes that
Microsoft Entra ID and Okta document, to `/scim2/`.

Entra ID: https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups
Okta: https://developer.okta.com/docs/reference/scim/scim-20/
"""

import unittest
import uuid

import requests
from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import PatchOp, PatchOperation, SearchRequest, UniquenessException
from scim2_tester import Status, check_server
from support import ADMIN_TOKEN, Exchequer

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
WSO2 = "urn:scim:wso2:schema"
OURS = "urn:exchequer:params:scim:schemas:1.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"


class ScimCase(unittest.TestCase):
    """Starts a server with two roles and a user in its document."""

    @classmethod
    def setUpClass(cls):
        cls.sts = Exchequer(lambda url: {
            "issuer": url,
            "roles": [{"name": "deployer", "scopes": ["deploy"]}, {"name": "reader", "scopes": ["read"]}],
            "users": [{"id": "u-1", "username": "grace", "claims": {"email": "grace@example.com"}}],
        })
        cls.addClassCleanup(cls.sts.stop)
        cls.headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}

    def call(self, method, path, body=None, **headers):
        """A request as a provisioning client sends it; the status and the JSON of the reply."""
        media_type = {"Content-Type": "application/scim+json"}
        response = requests.request(
            method, f"{self.sts.url}/scim2/{path}", json=body, timeout=30,
            headers={**self.headers, **media_type, **headers},
        )
        if response.content:
            self.assertEqual(response.headers["Content-Type"], "application/scim+json")
        return response.status_code, response.json() if response.content else None

    def found(self, filter):
        response = requests.get(
            f"{self.sts.url}/scim2/Users", params={"filter": filter}, headers=self.headers, timeout=30,
        )
        self.assertEqual(response.status_code, 200, response.text)
        listed = response.json()
        self.assertEqual(listed["totalResults"], len(listed["Resources"]))
        return [user["id"] for user in listed["Resources"]]

    def patched(self, id, *operations):
        status, user = self.call("PATCH", f"Users/{id}", {"schemas": [PATCH], "Operations": operations})
        self.assertEqual(status, 200, user)
        return user


class Scim2(ScimCase):
    """scim2-client, and the compliance checker that is built on it."""

    def client(self):
        http = Client(base_url=f"{self.sts.url}/scim2", headers=self.headers)
        self.addCleanup(http.close)
        return SyncSCIMClient(http)

    def test_compliance(self):
        results = check_server(self.client())
        wrong = [f"{result.title}: {result.reason}" for result in results if result.status != Status.SUCCESS]
        # The checker takes every extension for one that is written as a whole, whatever its
        # attributes say. Ours has only one that is read-only, and a PATCH of it is refused
        # (RFC 7644 section 3.5.2, `mutability`).
        self.assertEqual(sorted(wrong), [
            f"check_{verb}_attribute: Failed to {verb} attribute '{OURS}': operation 1: {OURS} is read-only"
            for verb in ["add", "remove", "replace"]
        ])
        self.assertGreater(len(results), 100)

    def test_a_users_life(self):
        scim = self.client()
        scim.discover()
        model = scim.get_resource_model("User")
        name = f"ada-{uuid.uuid4()}"
        ada = scim.create(model(user_name=name, external_id=f"x-{name}", active=True))
        with self.assertRaises(UniquenessException):
            scim.create(model(user_name=name.upper()))

        for filter in [f'userName eq "{name.upper()}"', f'externalId eq "x-{name}"', f'id eq "{ada.id}"']:
            listed = scim.query(model, query_parameters=SearchRequest(filter=filter))
            self.assertEqual([user.id for user in listed.resources], [ada.id], filter)

        ada.display_name = "Ada"
        self.assertEqual(scim.replace(ada).display_name, "Ada")

        def patch(path, value):
            operation = PatchOperation(op=PatchOperation.Op.replace_, path=path, value=value)
            return scim.modify(model, ada.id, PatchOp[model](operations=[operation]))

        self.assertIs(patch("active", False).active, False)
        self.assertEqual(patch("emails", [{"value": "ada@example.com"}]).emails[0].value, "ada@example.com")
        self.assertEqual(patch("roles", [{"value": "reader"}]).roles[0].value, "reader")
        scim.delete(model, ada.id)
        self.assertEqual(self.call("GET", f"Users/{ada.id}")[0], 404)

    def test_who_wrote_a_user_and_what_roles_grant(self):
        scim = self.client()
        scim.discover()
        model = scim.get_resource_model("User")
        ada = scim.create(model(user_name=f"ada-{uuid.uuid4()}"))
        extension = model.get_extension_models()[OURS]
        self.assertEqual(ada[extension].modified_by, "admin token")
        # What was read can be sent back.
        ada.title = "Dr"
        self.assertEqual(scim.replace(ada)[extension].modified_by, "admin token")

        status, roles = self.call("GET", "Roles")
        self.assertEqual((status, [role["permissions"] for role in roles["Resources"]]), (200, [["deploy"], ["read"]]))
        self.assertEqual(self.call("DELETE", "Roles/reader")[0], 405)


class Entra(ScimCase):
    """The requests of Microsoft Entra ID, from its documentation."""

    def test_the_connection_test(self):
        self.assertEqual(self.found('userName eq "non-existent user"'), [])

    def created(self):
        name = f"Test_User_{uuid.uuid4()}"
        status, user = self.call("POST", "Users", {
            "schemas": [CORE, ENTERPRISE],
            "externalId": name,
            "userName": f"{name}@testuser.com",
            "active": True,
            "emails": [{"primary": True, "type": "work", "value": f"{name}@testuser.com"}],
            "meta": {"resourceType": "User"},
            "name": {"formatted": "givenName familyName", "familyName": "familyName", "givenName": "givenName"},
            "roles": [],
        })
        self.assertEqual(status, 201, user)
        self.assertEqual(self.found(f'externalId eq "{name}"'), [user["id"]])
        self.assertEqual(self.found(f'userName eq "{name}@testuser.com"'), [user["id"]])
        return user

    def test_several_values_at_once(self):
        user = self.patched(
            self.created()["id"],
            {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "updatedEmail@microsoft.com"},
            {"op": "Replace", "path": "name.familyName", "value": "updatedFamilyName"},
        )
        self.assertEqual(user["emails"][0]["value"], "updatedEmail@microsoft.com")
        self.assertEqual(user["name"]["familyName"], "updatedFamilyName")

    def test_a_value_that_is_not_there_yet(self):
        user = self.patched(
            self.created()["id"],
            {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "+1 555"},
            {"op": "Replace", "path": 'addresses[type eq "work"].country', "value": "UK"},
        )
        self.assertEqual(user["phoneNumbers"], [{"type": "mobile", "value": "+1 555"}])
        self.assertEqual(user["addresses"], [{"type": "work", "country": "UK"}])

    def test_disabling(self):
        id = self.created()["id"]
        self.assertIs(self.patched(id, {"op": "Replace", "path": "active", "value": "False"})["active"], False)
        self.assertIs(self.patched(id, {"op": "Replace", "path": "active", "value": True})["active"], True)
        self.assertIs(self.patched(id, {"op": "Replace", "value": {"active": "False"}})["active"], False)

    def test_names_with_dots_and_urns(self):
        user = self.patched(self.created()["id"], {"op": "replace", "value": {
            "displayName": "lee", "name.givenName": "Lee", f"{ENTERPRISE}:department": "R&D",
            'emails[type eq "home"].value': "lee@home.example",
        }})
        self.assertEqual((user["displayName"], user["name"]["givenName"]), ("lee", "Lee"))
        self.assertEqual(user[ENTERPRISE], {"department": "R&D"})
        self.assertEqual(user["emails"][1], {"type": "home", "value": "lee@home.example"})

    def test_the_manager(self):
        id = self.created()["id"]
        user = self.patched(id, {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "m-1"})
        self.assertEqual(user[ENTERPRISE]["manager"], {"value": "m-1"})
        user = self.patched(id, {"op": "Remove", "path": f"{ENTERPRISE}:manager"})
        self.assertNotIn(ENTERPRISE, user)

    def test_app_roles(self):
        id = self.created()["id"]
        user = self.patched(id, {"op": "Add", "path": "roles", "value": [
            {"primary": "False", "type": "WindowsAzureActiveDirectoryRole", "value": "deployer"},
        ]})
        self.assertEqual(user["roles"][0]["value"], "deployer")
        user = self.patched(id, {"op": "Replace", "path": 'roles[primary eq "True"].value', "value": "reader"})
        self.assertEqual([role["value"] for role in user["roles"]], ["deployer", "reader"])
        user = self.patched(id, {"op": "Remove", "path": "roles", "value": [{"value": "deployer"}]})
        self.assertEqual([role["value"] for role in user["roles"]], ["reader"])
        body = {"schemas": [PATCH], "Operations": [{"op": "Add", "path": "roles", "value": [{"value": "owner"}]}]}
        status, error = self.call("PATCH", f"Users/{id}", body)
        self.assertEqual((status, error["scimType"]), (400, "invalidValue"))
        self.assertIn("deployer, reader", error["detail"])

    def test_deleting(self):
        id = self.created()["id"]
        self.assertEqual(self.call("DELETE", f"Users/{id}"), (204, None))
        status, error = self.call("DELETE", f"Users/{id}")
        self.assertEqual((status, error["status"]), (404, "404"))


class Okta(ScimCase):
    """The requests of Okta, from its reference."""

    def test_a_users_life(self):
        name = f"test.user.{uuid.uuid4()}@okta.local"
        self.assertEqual(self.found(f'userName eq "{name}"'), [])
        body = {
            "schemas": [CORE],
            "userName": name,
            "name": {"givenName": "Test", "familyName": "User"},
            "emails": [{"primary": True, "value": name, "type": "work"}],
            "displayName": "Test User",
            "locale": "en-US",
            "externalId": "00ujl29u0le5T6Aj10h7",
            "groups": [],
            "password": "1mz050nq",
            "active": True,
        }
        status, user = self.call("POST", "Users", body)
        self.assertEqual(status, 201, user)
        self.assertNotIn("password", user)
        self.assertEqual(self.call("POST", "Users", body)[1]["scimType"], "uniqueness")

        listed = self.call("GET", "Users?startIndex=1&count=100")[1]
        self.assertIn(user["id"], [one["id"] for one in listed["Resources"]])
        self.assertEqual(self.call("GET", f"Users/{user['id']}")[1]["userName"], name)

        replaced = {**body, "id": user["id"], "name": {"givenName": "Another", "familyName": "User"}}
        replaced["meta"] = {"resourceType": "User"}
        status, user = self.call("PUT", f"Users/{user['id']}", replaced)
        self.assertEqual((status, user["name"]["givenName"]), (200, "Another"))

        user = self.patched(user["id"], {"op": "replace", "value": {"active": False}})
        self.assertIs(user["active"], False)
        user = self.patched(user["id"], {"op": "replace", "value": {"id": user["id"], "active": True}})
        self.assertIs(user["active"], True)


class Versions(ScimCase):
    """Entity tags, users of the document, and the state of an account."""

    def test_a_version_is_written_once(self):
        user = self.call("POST", "Users", {"userName": f"etag-{uuid.uuid4()}"})[1]
        path, version = f"Users/{user['id']}", user["meta"]["version"]
        self.assertEqual(self.call("GET", path, **{"If-None-Match": version})[0], 304)
        body = {"Operations": [{"op": "add", "path": "title", "value": "Dr"}]}
        status, after = self.call("PATCH", path, body, **{"If-Match": version})
        self.assertEqual((status, after["title"]), (200, "Dr"))
        self.assertNotEqual(after["meta"]["version"], version)
        self.assertEqual(self.call("DELETE", path, **{"If-Match": version})[0], 412)
        self.assertEqual(self.call("DELETE", path, **{"If-Match": "*"})[0], 204)

    def test_a_user_of_the_document_is_read_only(self):
        status, grace = self.call("GET", "Users/u-1")
        self.assertEqual((status, grace["userName"], grace["active"]), (200, "grace", True))
        self.assertEqual(grace["emails"], [{"value": "grace@example.com", "primary": True}])
        self.assertEqual(self.found('emails.value eq "GRACE@example.com"'), ["u-1"])
        self.assertEqual(self.call("DELETE", "Users/u-1")[0], 409)
        self.assertEqual(self.call("POST", "Users", {"userName": "PRIMARY/Grace"})[1]["scimType"], "uniqueness")

    def test_locking(self):
        user = self.call("POST", "Users", {"userName": f"lock-{uuid.uuid4()}"})[1]
        user = self.patched(user["id"], {"op": "add", "path": f"{WSO2}:accountLocked", "value": True})
        self.assertEqual(user[WSO2], {"accountLocked": True})
        # A client that knows nothing of locks does not lift one.
        replaced = self.call("PUT", f"Users/{user['id']}", {"userName": user["userName"]})[1]
        self.assertEqual(replaced[WSO2], {"accountLocked": True})
        self.assertEqual(self.found(f'{WSO2}:accountLocked eq true and userName eq "{user["userName"]}"'), [user["id"]])

    def test_going_through_with_a_cursor(self):
        for _ in range(5):
            self.call("POST", "Users", {"userName": f"page-{uuid.uuid4()}"})
        seen, cursor = [], ""
        while cursor is not None:
            status, page = self.call("GET", f"Users?cursor={cursor}&count=2")
            self.assertEqual(status, 200, page)
            seen += [user["id"] for user in page["Resources"]]
            cursor = page.get("nextCursor")
        self.assertEqual(len(seen), len(set(seen)))
        self.assertEqual(len(seen), page["totalResults"])


if __name__ == "__main__":
    unittest.main()
