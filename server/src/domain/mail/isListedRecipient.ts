/** Whether mail may go there: `recipients` are addresses, or `@example.com` for everybody there. */
export function isListedRecipient(address: string, recipients: readonly string[]): boolean {
	const wanted = address.toLowerCase();
	return recipients.some(
		(allowed) => wanted === allowed.toLowerCase() || (allowed.startsWith("@") && wanted.endsWith(allowed.toLowerCase())),
	);
}
