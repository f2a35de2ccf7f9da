import { UsageError } from "../../usage-error.js";
import { type Context, defineExperiment } from "../experiment.js";
import { whole } from "../markdown.js";
import { integer, integers, positive } from "../options.js";
import { nameOf } from "../reformer-speed/section.js";
import { evaluateDuplication, trainDuplication } from "./model.js";
import { type Row, section } from "./section.js";

export interface Settings {
	readonly length: number;
	readonly steps: number;
	readonly batch: number;
	readonly dim: number;
	readonly heads: number;
	readonly layers: number;
	readonly chunk: number;
	readonly trained: readonly number[];
	readonly evaluated: number;
	readonly learningRate: number;
	readonly warmUp: number;
}

/** Rounds of hashing in evaluation, in the order of the paper's table; 0 is full attention. */
export const evaluationRounds = [0, 8, 4, 2, 1];

function check({ length, dim, heads }: Settings): void {
	if (length % 2 !== 0) throw new UsageError(`--length is ${length}; expected an even number: the sequence is 0w0w`);
	if (dim % heads !== 0) throw new UsageError(`--dim is ${dim}; expected a multiple of --heads, ${heads}`);
}

async function run(settings: Settings, { seed, progress, log, storeRows }: Context): Promise<Row[]> {
	const rows: Row[] = [];
	for (const rounds of settings.trained) {
		const trained = await trainDuplication(settings, rounds, seed, (step, loss) =>
			progress(
				`trained with ${nameOf(rounds)}: step ${whole(step)} of ${whole(settings.steps)}, loss ${loss.toFixed(3)}`,
			),
		);
		const accuracies = evaluationRounds.map((evaluated) => {
			progress(`trained with ${nameOf(rounds)}: evaluated with ${nameOf(evaluated)}`);
			return { rounds: evaluated, percent: evaluateDuplication(settings, trained.parameters, evaluated, seed) };
		});
		rows.push({ rounds, accuracies, loss: trained.losses.at(-1) as number, secondsPerStep: trained.secondsPerStep });
		trained.dispose();
		storeRows(rows);
		log(
			`trained with ${nameOf(rounds)}: ${accuracies.map(({ rounds: evaluated, percent }) => `${nameOf(evaluated)} ${percent.toFixed(1)} %`).join(", ")}`,
		);
	}
	return rows;
}

export const duplication = defineExperiment<Settings, Row>({
	summary: "Reformer's duplication task: accuracy by the attention trained and evaluated with",
	options: {
		length: integer("tokens of a sequence", 256, 4),
		steps: integer("training steps", 400),
		batch: integer("sequences in a batch", 8),
		dim: integer("width of the model", 256),
		heads: integer("heads of each layer", 4),
		layers: integer("layers", 1),
		chunk: integer("tokens in a chunk of the sorted order", 32),
		trained: integers("rounds of hashing in training; 0 is full attention", [0, 1, 2, 4], 0),
		evaluated: integer("sequences in an evaluation", 64),
		learningRate: positive("learning rate after the warm-up", 1e-3),
		warmUp: integer("steps of the warm-up", 100, 0),
	},
	check,
	run,
	section,
});
