import type { Role } from "../domain/people/role.ts";

export interface MailText {
	subject: string;
	text: string;
}

/** What follows # never leaves the reader's browser: no log and no proxy sees it. */
export const linkTo = (publicUrl: string, page: "verify" | "reset" | "join", token: string) => `${publicUrl}/${page}#${token}`;

/** Names are chosen by strangers: what mail programs would make a link of is taken out. */
function plain(name: string): string {
	const kept = name
		.replaceAll(/[^\p{L}\p{M}\p{N} .,'&-]/gu, " ")
		.replaceAll(/[.](?=\S)/g, " ")
		.replaceAll(/\s+/g, " ");
	return kept.trim().slice(0, 60) || "Somebody";
}

const ignore = "If this was not you, there is nothing to do.";

export const verificationMail = (publicUrl: string, { user, token }: { user: { name: string }; token: string }): MailText => ({
	subject: "Verify your address",
	text: `Hello ${plain(user.name)},

this address was used to sign up at ${publicUrl}. If it was you, open

${linkTo(publicUrl, "verify", token)}

within a day. If it was not you, do not open it: whoever signed up knows the password.
`,
});

export const knownMail = (publicUrl: string, { user }: { user: { name: string } }): MailText => ({
	subject: "You have signed up already",
	text: `Hello ${plain(user.name)},

somebody signed up at ${publicUrl} with this address, which has signed up before. Nothing was changed.
Where the password is forgotten, ${publicUrl}/forgot sends a link to choose another. ${ignore}
`,
});

export const resetMail = (publicUrl: string, { user, token }: { user: { name: string }; token: string }): MailText => ({
	subject: "Choose a new password",
	text: `Hello ${plain(user.name)},

a new password was asked for at ${publicUrl}. To choose it, open

${linkTo(publicUrl, "reset", token)}

within an hour. ${ignore}
`,
});

export const invitationMail = (
	publicUrl: string,
	{ organisation, role, inviter, token }: { organisation: string; role: Role; inviter: string | null; token: string },
): MailText => ({
	subject: `Invitation to ${plain(organisation)}`,
	text: `Hello,

${inviter === null ? "you are" : `${plain(inviter)} has`} invited ${inviter === null ? "" : "you "}to "${plain(organisation)}" at ${publicUrl}, as ${role}. To accept, open

${linkTo(publicUrl, "join", token)}

within a week. ${ignore}
`,
});
