import { OptionError } from "../errors.js";
import { checkList } from "../ops/operands.js";

/**
 * Checks the rows that a decoder session is to go on with: those of a text together and as many for each.
 *
 * @param rows number of rows so far
 * @param entries number of texts
 */
export function checkRows(name: string, chosen: readonly number[], rows: number, entries: number): void {
	checkList(name, "rows", chosen, "rows");
	const each = chosen.length / entries;
	if (!Number.isInteger(each) || each === 0)
		throw new OptionError(
			`${name}: select got ${chosen.length} rows; expected as many for each of the ${entries} texts`,
		);
	for (const [at, row] of chosen.entries()) {
		if (!Number.isInteger(row) || row < 0 || row >= rows)
			throw new OptionError(`${name}: select got row ${row}; expected 0 to ${rows - 1}`);
		const [to, from] = [Math.floor(at / each), Math.floor((row * entries) / rows)];
		if (to !== from)
			throw new OptionError(
				`${name}: select got row ${row} of text ${from} at place ${at}, which is of text ${to}; rows of a text stay together`,
			);
	}
}
