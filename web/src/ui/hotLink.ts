/** Looks of the hot link or button of a page that starts something. */
export const hotLink =
	"molten inline-flex min-h-11 items-center justify-center gap-2 rounded-xl px-4 text-[15px] font-semibold hover:brightness-105";
