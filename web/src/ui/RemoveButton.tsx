import { useState } from "react";
import { Button } from "./Button.tsx";

interface Props {
	/** What is removed. */
	name: string;
	isBusy: boolean;
	onRemove(): void;
	verb?: string;
}

/** Asks once more where it was pressed; looking elsewhere takes it back. */
export function RemoveButton({ name, isBusy, onRemove, verb = "Remove" }: Props) {
	const [isSure, setSure] = useState(false);
	return (
		<Button
			aria-label={isSure ? `Really ${verb.toLowerCase()} ${name}` : `${verb} ${name}`}
			className={isSure ? "border-alarm-ink text-alarm-ink" : ""}
			disabled={isBusy}
			onBlur={() => setSure(false)}
			onClick={() => (isSure ? onRemove() : setSure(true))}
		>
			{isSure ? "Really?" : verb}
		</Button>
	);
}
