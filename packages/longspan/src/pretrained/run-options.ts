import { checkChoice, checkFlag, checkObject, checkOptions, type OptionNames } from "../ops/operands.js";
import type { RunOptions } from "./architecture.js";

const names: OptionNames<RunOptions> = {
	random: true,
	recompute: true,
	outputHiddenStates: true,
	outputAttentions: true,
	randomBlocks: true,
};

/**
 * Checks the options of a forward pass.
 *
 * @param name of the model, for errors
 * @throws OptionError for an unknown option, and one that is of another kind
 */
export function checkRunOptions(name: string, options: RunOptions): void {
	checkOptions(name, options, names);
	const { random, randomBlocks } = options;
	for (const flag of ["recompute", "outputHiddenStates", "outputAttentions"] as const)
		if (options[flag] !== undefined) checkFlag(name, flag, options[flag]);
	if (random !== undefined) checkObject(name, "random", random);
	if (randomBlocks !== undefined) checkChoice(name, "randomBlocks", randomBlocks, ["seeded", "zeros"]);
}
