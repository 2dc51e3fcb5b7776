import type { Json, WorkflowInput } from "@glassworks/sdk";
import { NumberField } from "../../ui/NumberField.tsx";
import { SelectField } from "../../ui/SelectField.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { TextArea } from "../../ui/TextArea.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { PictureInput } from "./PictureInput.tsx";
import { isRequired } from "./runValues.ts";

interface Props {
	input: WorkflowInput;
	/** Null or undefined: the workflow's own. */
	value: Json | undefined;
	onChange(value: Json): void;
	/** What the server says is wrong with it. */
	problem: string | undefined;
}

const farMin = -1_000_000_000;
const farMax = 1_000_000_000;
const seedMax = 4_294_967_295;

/** The field for an input's type, with its bounds, its default and what is wrong with it. */
export function InputField(props: Props) {
	const { input, problem } = props;
	// Texts show their problem themselves.
	const isShown = input.type === "text" && !isLong(input);
	return (
		<div className="grid min-w-0 content-start gap-1.5">
			<Control {...props} />
			{problem && !isShown && (
				<p role="alert" className="text-[13px] leading-snug text-alarm-ink">
					{problem}
				</p>
			)}
		</div>
	);
}

const isLong = ({ multiline, name }: WorkflowInput): boolean => multiline || name.includes("prompt");

function Control({ input, value, onChange, problem }: Props) {
	const { title, description, type, default: preset } = input;
	if (type === "picture") return <PictureInput label={title} hint={description} value={value} onChange={onChange} />;
	if (type === "boolean") return <Switch label={title} note={description} checked={(value ?? preset) === true} onChange={onChange} />;
	if (type === "choice") return <Choice input={input} value={value} onChange={onChange} />;
	if (type === "text") {
		const shared = {
			...{ label: title, hint: description || undefined, required: isRequired(input), maxLength: 20_000 },
			...{ value: typeof value === "string" ? value : "", placeholder: preset === null ? "" : String(preset) },
			onChange: (event: { target: { value: string } }) => onChange(event.target.value),
		};
		return isLong(input) ? <TextArea {...shared} rows={3} /> : <TextField {...shared} problem={problem} />;
	}
	return (
		<>
			<NumberField
				label={title}
				value={typeof value === "number" ? value : null}
				onChange={onChange}
				min={input.min ?? (type === "seed" ? 0 : farMin)}
				max={input.max ?? (type === "seed" ? seedMax : farMax)}
				step={type === "number" ? (input.step ?? 0.01) : 1}
				placeholder={preset === null ? (type === "seed" ? "random each time" : input.optional ? "not set" : "") : String(preset)}
			/>
			{description && <p className="text-[13px] leading-snug text-ink-faint">{description}</p>}
		</>
	);
}

function Choice({ input, value, onChange }: Pick<Props, "input" | "value" | "onChange">) {
	const options = input.options ?? [];
	const current = value ?? input.default;
	const at = options.indexOf(current as (typeof options)[number]);
	const choices = [
		...(at < 0 ? [{ value: "", label: input.optional ? "Not set" : "Choose" }] : []),
		...options.map((option, index) => ({ value: String(index), label: String(option) })),
	];
	return (
		<>
			<SelectField
				label={input.title}
				value={at < 0 ? "" : String(at)}
				choices={choices}
				onChange={(index) => onChange(index === "" ? null : (options[Number(index)] ?? null))}
			/>
			{input.description && <p className="text-[13px] leading-snug text-ink-faint">{input.description}</p>}
		</>
	);
}
