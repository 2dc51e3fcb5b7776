/** Characters. Length is what makes a password hard to guess. */
export const shortestPassword = 10;
/** Longer ones only cost time to hash. */
export const longestPassword = 128;

/** Roots of what is tried first; a password is compared without its digits and signs at either end. */
const usual = new Set(
	"password passwort passw qwerty qwertz qwertyuiop azerty asdfgh asdfghjkl zxcvbnm letmein welcome iloveyou admin administrator changeme secret login master monkey dragon football baseball sunshine princess superman trustno abcdef abcdefgh abcdefghij abcabc glassworks test testtest default guest root".split(
		" ",
	),
);

/**
 * What is wrong with a password, as what would be right; null: nothing. Length, more than a few different characters, and not what
 * everybody tries first (NIST SP 800-63B, 5.1.1.2): no rules on kinds of characters.
 */
export function judgePassword(password: string, about: { email: string; name: string }): string | null {
	const length = [...password].length;
	if (length < shortestPassword || length > longestPassword)
		return `must have ${shortestPassword} to ${longestPassword} characters; this has ${length}`;
	const lower = password.toLowerCase();
	if (new Set(lower).size < 5) return "must have at least 5 different characters";
	const root = lower.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, "").replaceAll(/[@013$57]/g, (sign) => letters[sign] ?? sign);
	if (root === "" || usual.has(root)) return "must be harder to guess: several words that do not belong together are good";
	const own = [about.email, about.email.split("@")[0] ?? "", about.name].map((text) => text.toLowerCase().trim());
	if (own.some((text) => text.length >= 4 && lower.includes(text))) return "must not hold your name or address";
	return null;
}

const letters: Record<string, string> = { "@": "a", "0": "o", "1": "i", "3": "e", $: "s", "5": "s", "7": "t" };
