import { getMigrations } from "better-auth/db/migration";
import { authOptions } from "./authOptions.ts";
import type { IdentityParts } from "./identity.ts";
import { createPasswords } from "./passwords.ts";

/** Tables and columns that better-auth would add to the database; our migrations are to leave none. */
export async function findMissingTables(parts: IdentityParts): Promise<string[]> {
	const nothing = async () => {};
	const mails = { sendVerification: nothing, sendReset: nothing, sendKnown: nothing, onError() {} };
	const plan = await getMigrations(authOptions({ ...parts, ...mails, passwords: createPasswords() }));
	return [...plan.toBeCreated, ...plan.toBeAdded].flatMap(({ table, fields }) => Object.keys(fields).map((field) => `${table}.${field}`));
}
