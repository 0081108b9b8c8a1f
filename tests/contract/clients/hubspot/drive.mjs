// @hubspot/api-client, unmodified, doing what a sync does. Usage: node drive.mjs BASE_URL
// Prints one JSON object with what it found; any unexpected answer ends it with a message and exit code 1.
import { createRequire } from "node:module";

const { Client, AssociationTypes } = createRequire(import.meta.url)("@hubspot/api-client");
const basePath = process.argv[2];
const found = {};

const spare = new Client({ basePath });
const tokens = await spare.oauth.tokensApi.create(
  "refresh_token", undefined, undefined, "client", "secret", "refresh-me");
found.token = { type: tokens.tokenType, expires: tokens.expiresIn, refresh: tokens.refreshToken };
const client = new Client({ basePath, accessToken: tokens.accessToken, numberOfApiCallRetries: 3 });
const contacts = client.crm.contacts;

const everyone = await contacts.getAll(undefined, undefined, ["email", "lifecyclestage"]);
found.everyone = everyone.length;
found.created = everyone[0].createdAt instanceof Date;

const ids = [];
let after;
do {
  const page = await contacts.searchApi.doSearch({
    filterGroups: [{ filters: [{ propertyName: "lastmodifieddate", operator: "GTE", value: "0" }] }],
    sorts: ["hs_object_id"], properties: ["email"], limit: 100, ...(after ? { after } : {}),
  });
  found.total = page.total;
  ids.push(...page.results.map((each) => Number(each.id)));
  after = page.paging?.next?.after;
} while (after);
found.searched = ids.length;
found.ascending = ids.every((id, index) => index === 0 || ids[index - 1] < id);

const made = await contacts.batchApi.create({
  inputs: [1, 2].map((number) => ({
    properties: { email: `js${number}@x.example`, firstname: "J" }, associations: [], objectWriteTraceId: `t${number}`,
  })),
});
found.made = made.results.length;
const first = made.results[0].id;
const updated = await contacts.batchApi.update({
  inputs: [
    { id: first, properties: { lifecyclestage: "salesqualifiedlead" }, objectWriteTraceId: "good" },
    { id: "987654321", properties: { firstname: "x" }, objectWriteTraceId: "bad" },
  ],
});
found.updated = updated.results.map((each) => each.properties.lifecyclestage);
found.failed = updated.errors.map((each) => [each.category, each.context.objectWriteTraceId[0]]);
const upserted = await contacts.batchApi.upsert({
  inputs: ["js1@x.example", "js9@x.example"].map((id) => ({ id, idProperty: "email", properties: { firstname: "K" } })),
});
found.upserted = upserted.results.map((each) => each._new ?? each.new);
const read = await contacts.batchApi.read({
  inputs: [{ id: "js1@x.example" }], idProperty: "email", properties: ["firstname"], propertiesWithHistory: ["firstname"],
});
found.history = read.results[0].propertiesWithHistory.firstname.map((each) => each.value);

const single = await contacts.basicApi.create({ properties: { email: "single@x.example" }, associations: [] });
const changed = await contacts.basicApi.update(single.id, { properties: { phone: "123" } });
found.phone = changed.properties.phone;
found.back = (await contacts.basicApi.update(first, { properties: { lifecyclestage: "lead" } })).properties.lifecyclestage;

const company = await client.crm.companies.basicApi.create({ properties: { name: "JS" }, associations: [] });
await client.crm.associations.v4.basicApi.create("contacts", first, "companies", company.id, [
  { associationCategory: "HUBSPOT_DEFINED", associationTypeId: AssociationTypes.contactToCompany },
]);
const linked = await client.crm.associations.v4.basicApi.getPage("contacts", first, "companies");
found.linked = linked.results.map((each) => String(each.toObjectId) === company.id);
const calls = await client.crm.associations.v4.batchApi.getPage("contacts", "calls", {
  inputs: everyone.map((each) => ({ id: each.id })),
});
found.withCalls = calls.results.length;
found.callType = calls.results[0].to[0].associationTypes[0].typeId;

const merged = await contacts.basicApi.merge({ primaryObjectId: first, objectIdToMerge: single.id });
found.merged = [merged.id === first, (await contacts.basicApi.getById(single.id)).id === first];

const owners = await client.crm.owners.ownersApi.getPage(undefined, undefined, 500);
const gone = await client.crm.owners.ownersApi.getPage(undefined, undefined, 500, true);
found.owners = [owners.results.length, gone.results.length];
const stage = await client.crm.properties.coreApi.getByName("contacts", "lifecyclestage");
found.stages = stage.options.map((each) => each.value);
found.properties = (await client.crm.properties.coreApi.getAll("contacts")).results.length > 100;
found.pipelines = (await client.crm.pipelines.pipelinesApi.getAll("deals")).results.length;
const schema = await client.crm.schemas.coreApi.getById("contacts");
found.schema = schema.objectTypeId;

await contacts.basicApi.archive(first);
try {
  await contacts.basicApi.getById(first);
} catch (error) {
  found.gone = error.code;
}
const raw = await client.apiRequest({ path: "/account-info/v3/details" });
found.zone = (await raw.json()).timeZone;
process.stdout.write(JSON.stringify(found));
