import type { Member } from "@glassworks/sdk";

type Role = Member["role"];

const roles: [Role, string][] = [
	["viewer", "Viewer: looks"],
	["member", "Member: makes pictures"],
	["admin", "Admin: manages people and keys"],
	["owner", "Owner"],
];

interface Props {
	label: string;
	value?: Role;
	/** For forms. */
	name?: string;
	onChange?(role: Role): void;
}

export function RoleSelect({ label, value, name, onChange }: Props) {
	return (
		<select
			aria-label={label}
			name={name}
			{...(value === undefined ? { defaultValue: "member" } : { value })}
			onChange={(event) => onChange?.(event.target.value as Role)}
			className="field h-10 px-2 text-sm"
		>
			{roles.map(([role, words]) => (
				<option key={role} value={role}>
					{words}
				</option>
			))}
		</select>
	);
}
