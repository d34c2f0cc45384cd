// A SCIM server in memory on scimmy-routers, as its documentation shows one:
// node server.mjs PORT TOKEN
import { randomUUID } from "node:crypto";

import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const [port, token] = process.argv.slice(2);

// Everything that scimmy itself does.
SCIMMY.Config.set({ patch: true, filter: { supported: true, maxResults: 1000 }, sort: true, etag: false,
    bulk: { supported: true, maxOperations: 100, maxPayloadSize: 1048576 }, changePassword: false });
SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false);

function declare(type, key) {
    const stored = new Map();
    const now = () => new Date().toISOString();
    SCIMMY.Resources.declare(type)
        .ingress((resource, data) => {
            const { id } = resource;
            if (id && !stored.has(id)) throw new SCIMMY.Types.Error(404, null, `no resource ${id}`);
            const taken = [...stored.values()].some((other) => other.id !== id
                && String(other[key]).toLowerCase() === String(data[key]).toLowerCase());
            if (key === "userName" && taken) throw new SCIMMY.Types.Error(409, "uniqueness", `${key} is taken`);
            const before = stored.get(id);
            const kept = JSON.parse(JSON.stringify(data));
            kept.id = id ?? randomUUID();
            kept.meta = { created: before?.meta.created ?? now(), lastModified: now() };
            stored.set(kept.id, kept);
            return kept;
        })
        .egress((resource) => {
            const all = [...stored.values()];
            if (!resource.id) return resource.filter ? resource.filter.match(all) : all;
            if (!stored.has(resource.id)) throw new SCIMMY.Types.Error(404, null, `no resource ${resource.id}`);
            return stored.get(resource.id);
        })
        .degress((resource) => {
            if (!stored.delete(resource.id)) throw new SCIMMY.Types.Error(404, null, `no resource ${resource.id}`);
        });
}

declare(SCIMMY.Resources.User, "userName");
declare(SCIMMY.Resources.Group, "displayName");

const app = express();
app.use("/scim", new SCIMMYRouters({
    type: "bearer",
    handler: (request) => {
        if (request.header("Authorization") !== `Bearer ${token}`) throw new Error("who are you?");
        return "";
    },
}));
app.listen(Number(port), "127.0.0.1", () => console.log("listening"));
