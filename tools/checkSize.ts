import fs from "node:fs";
import path from "node:path";
import ts from "typescript";
import { sourceFiles } from "./sourceFiles.ts";

export const maxFileLines = 400;
export const maxFunctionLines = 60;

export interface SizeReport {
	files: number;
	functions: number;
	problems: string[];
}

/** Measures every hand-written TypeScript file below `root`. A suite (`describe`) is a chapter, not a function: its tests are measured. */
export function checkSize(root: string): SizeReport {
	const report: SizeReport = { files: 0, functions: 0, problems: [] };
	for (const file of sourceFiles(root)) {
		const source = ts.createSourceFile(file, fs.readFileSync(path.join(root, file), "utf8"), ts.ScriptTarget.Latest, true);
		const lines = source.text.replace(/\n$/, "").split("\n").length;
		report.files++;
		if (lines > maxFileLines) report.problems.push(`${file}: ${lines} lines (at most ${maxFileLines}; split by meaning)`);
		measureFunctions(source, source, report);
	}
	return report;
}

function measureFunctions(node: ts.Node, source: ts.SourceFile, report: SizeReport): void {
	if (ts.isFunctionLike(node) && "body" in node && node.body && !isSuite(node)) {
		report.functions++;
		const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
		const last = source.getLineAndCharacterOfPosition(node.getEnd()).line;
		const lines = last - first + 1;
		if (lines > maxFunctionLines) {
			report.problems.push(`${source.fileName}:${first + 1}: ${nameOf(node)} has ${lines} lines (at most ${maxFunctionLines})`);
		}
	}
	ts.forEachChild(node, (child) => measureFunctions(child, source, report));
}

function isSuite(node: ts.Node): boolean {
	return ts.isCallExpression(node.parent) && /^describe\b/.test(node.parent.expression.getText());
}

function nameOf(node: ts.SignatureDeclaration): string {
	if (node.name) return node.name.getText();
	return ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent) ? node.parent.name.getText() : "a function";
}
