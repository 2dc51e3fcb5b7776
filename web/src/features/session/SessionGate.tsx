import type { ReactNode } from "react";
import { useBrand } from "../../app/useBrand.ts";
import { adviceFor } from "../../format/advice.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { SignIn } from "./SignIn.tsx";
import { useSession } from "./useSession.ts";

/** Shows the studio to whoever has a session, and the sign-in card to everyone else. */
export function SessionGate({ children }: { children: ReactNode }) {
	const session = useSession();
	const { name } = useBrand();
	if (session.data) return children;
	if (session.isPending) return <p className="sr-only">Loading</p>;
	if (session.isError) {
		const { title, advice } = adviceFor(session.error);
		return (
			<main className="mx-auto grid min-h-dvh max-w-md content-center p-6">
				<h1 className="sr-only">{name}</h1>
				<Notice title={title} action={<Button onClick={() => void session.refetch()}>Try again</Button>}>
					{advice}
				</Notice>
			</main>
		);
	}
	return <SignIn />;
}
