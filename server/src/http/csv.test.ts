import { expect, test } from "vitest";
import { csvRow } from "./csv.ts";

test("no cell is a formula to a spreadsheet, and numbers stay numbers", () => {
	expect(csvRow(["=1+2", "+1", "-1", "@SUM(A1)", "\t=1", -5, 7, null, "plain"])).toBe("'=1+2,'+1,'-1,'@SUM(A1),'\t=1,-5,7,,plain\r\n");
});

test("quotes, commas and line breaks stay within their cell", () => {
	expect(csvRow(['a "b"', "c,d", "e\nf", '="x",1'])).toBe('"a ""b""","c,d","e\nf","\'=""x"",1"\r\n');
});
