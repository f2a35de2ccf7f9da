import { fileURLToPath } from "node:url";
import type { Contestant } from "../../contestant.js";
import { type LineProcess, startLineProcess } from "../../line-process.js";
import { UsageError } from "../../usage-error.js";
import { type Context, defineExperiment } from "../experiment.js";
import { bytesText, short, whole } from "../markdown.js";
import { integer, integers, positive } from "../options.js";
import { timeRounds } from "../timing.js";
import { withCheckpoint } from "./checkpoint.js";
import { contestantNames, type Row, section } from "./section.js";
import type { ModelSizes } from "./sizes.js";

export interface Settings extends ModelSizes {
	readonly lengths: readonly number[];
	readonly longestDense: number;
	readonly seconds: number;
}

/** The environment variable that names a Python with torch and transformers. */
const pythonVariable = "LONGSPAN_PYTHON";

function check({ dim, heads, window }: Settings): void {
	if (dim % heads !== 0) throw new UsageError(`--dim is ${dim}; expected a multiple of --heads, ${heads}`);
	if (window % 2 !== 0) throw new UsageError(`--window is ${window}; expected an even number`);
}

async function run(settings: Settings, context: Context): Promise<Row[]> {
	const longest = Math.max(...settings.lengths);
	return withCheckpoint(settings, longest, context, async (folder) => {
		const rows: Row[] = [];
		const stored = context.storedRows() as readonly Row[];
		for (const length of settings.lengths) {
			const known = stored.filter((row) => row.length === length);
			rows.push(...(known.length > 0 ? known : await measure(folder, length, settings, context)));
			context.storeRows(rows);
		}
		return rows;
	});
}

/** All at one length, each in a process of its own, in turns. One that fails, for want of memory say, has no row. */
async function measure(
	folder: string,
	length: number,
	{ longestDense, seconds }: Settings,
	{ device, progress, log }: Context,
): Promise<Row[]> {
	const { threads, turbo } = buildOf(device.description);
	const own = (dtype: string) => [
		fileURLToPath(new URL("longspan-process.js", import.meta.url)),
		folder,
		length,
		threads,
		turbo,
		dtype,
	];
	const python = process.env[pythonVariable];
	const commands: Record<string, readonly [string, readonly (string | number | boolean)[]]> = {
		[contestantNames.ours]: [process.execPath, own("fp32")],
		[contestantNames.quantised]: [process.execPath, own("q8")],
		...(length <= longestDense && {
			[contestantNames.dense]: [
				process.execPath,
				[fileURLToPath(new URL("onnxruntime-process.js", import.meta.url)), folder, length, threads],
			],
		}),
		...(python && {
			[contestantNames.transformers]: [
				python,
				[
					"-W",
					"ignore",
					fileURLToPath(new URL("../../../peers/pytorch/longformer.py", import.meta.url)),
					folder,
					length,
					threads,
				],
			],
		}),
	};
	const processes = new Map<string, LineProcess>();
	const peaks = new Map<string, number>();
	const failed = new Set<string>();
	try {
		const contestants: Contestant[] = [];
		for (const [name, [command, args]] of Object.entries(commands)) {
			progress(`${whole(length)} tokens: ${name} is loading`);
			const started = startLineProcess(name, command, args.map(String));
			processes.set(name, started);
			await started.answer();
			contestants.push({
				name,
				async run() {
					if (failed.has(name)) return;
					try {
						peaks.set(name, Number((await started.ask("run")).split(" ")[1]));
					} catch (error) {
						failed.add(name);
						log(`${whole(length).padStart(7)} tokens  ${error instanceof Error ? error.message : error}`);
					}
				},
			});
		}
		const times = await timeRounds(contestants, {
			seconds,
			onCall: (name) => progress(`${whole(length)} tokens: ${name}`),
		});
		const measured = [...times].filter(([name]) => !failed.has(name));
		return measured.map(([contestant, { milliseconds, calls }]) => {
			const peakBytes = peaks.get(contestant) as number;
			log(
				`${whole(length).padStart(7)} tokens  ${contestant}: ${short(milliseconds / 1000)} s, ${bytesText(peakBytes)}`,
			);
			return { contestant, length, milliseconds, calls, peakBytes };
		});
	} finally {
		for (const each of processes.values()) each.stop();
	}
}

/** The build that the processes are to use, that of this one. */
function buildOf(description: string): { threads: number; turbo: boolean } {
	return { threads: Number(/(\d+) threads?/.exec(description)?.[1] ?? 1), turbo: description.includes("turbo") };
}

export const longDocuments = defineExperiment<Settings, Row>({
	summary: "a base-size Longformer on long texts: time and memory against a dense model and the reference",
	options: {
		lengths: integers("tokens of the texts", [1024, 4096, 16_384, 65_536], 2),
		longestDense: integer("longest text that the dense model gets", 16_384),
		layers: integer("layers", 12),
		dim: integer("width", 768),
		heads: integer("heads", 12),
		window: integer("two-sided attention window", 512, 2),
		vocabulary: integer("token ids", 50_265, 8),
		seconds: positive("time for each of them at a length, but at least one call", 30),
	},
	check,
	run,
	section,
});
