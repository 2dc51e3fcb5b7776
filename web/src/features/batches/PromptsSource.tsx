import { count } from "../../format/count.ts";
import { TextArea } from "../../ui/TextArea.tsx";
import { promptLines } from "./batchDraft.ts";

export function PromptsSource({ value, onChange }: { value: string; onChange(value: string): void }) {
	const lines = promptLines(value).length;
	return (
		<TextArea
			label="Prompts, one on each line"
			value={value}
			onChange={(event) => onChange(event.target.value)}
			rows={12}
			placeholder={"A red fox, 3d\nA sailing boat\nA slice of pizza, flat"}
			hint={lines === 0 ? "Paste as many as you like, up to 10,000." : count(lines, "prompt")}
		/>
	);
}
