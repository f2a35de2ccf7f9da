import { textTable } from "../../output/text-table.js";
import type { InspectResult } from "../result.js";
import { decodingText, extraNodesLine, indirectLine, randomGraphLine, subjectLine } from "./sentences.js";
import { costTableText, hopsTable, patternTable, receptiveFieldTable } from "./tables.js";

/** What the terminal shows of an inspection. */
export function terminalText(result: InspectResult): string {
	const pairs =
		result.patterns.length > 0
			? [
					textTable(patternTable(result)),
					textTable(hopsTable(result)),
					randomGraphLine(result),
					textTable(receptiveFieldTable(result)),
				]
			: [];
	const parts = [
		[subjectLine(result), result.note, indirectLine(result), extraNodesLine(result)].filter((line) => line).join("\n"),
		...pairs,
		textTable(costTableText(result)),
		`Decoding: ${decodingText(result)}.`,
	];
	return `${parts.filter((part) => part !== null).join("\n\n")}\n`;
}
