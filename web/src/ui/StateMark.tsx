/** A dot that says how it stands: ember while it is hot, cool when it is done. Words stand beside it. */
export function StateMark({ tone }: { tone: Tone }) {
	return <span aria-hidden="true" className={`inline-block size-2.5 shrink-0 rounded-full ${looks[tone]}`} />;
}

export type Tone = "hot" | "cool" | "waiting" | "alarm" | "off";

const looks: Record<Tone, string> = {
	hot: "bg-ember shadow-[0_0_0_4px_color-mix(in_srgb,var(--ember)_24%,transparent)]",
	cool: "bg-cool",
	waiting: "border-2 border-line-strong",
	alarm: "bg-alarm-ink",
	off: "bg-line-strong",
};
