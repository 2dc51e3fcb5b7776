import { z } from "zod";

/** What a request may name to have its results mailed. */
export const resultMail = {
	email_results_to: z
		.email()
		.max(254)
		.optional()
		.describe(
			"Told by mail when the job has ended, with links and small copies of the pictures. Your own confirmed address, that of somebody of your account, or one that the operator lists.",
		),
};
