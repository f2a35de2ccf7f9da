import type { Experiment, Results } from "./experiment.js";

const introduction = `# Experiments

The experiments of the papers, repeated with this library, at the sizes given with each. A result is that of one machine, and its baseline is named: a factor means
little without them. Numbers in brackets, and those called published, are the papers'.

Each part is written from a JSON file in [packages/bench/experiments/results](../packages/bench/experiments/results), sentences included, by \`npm run experiment -- report\`;
\`npm run experiment -- NAME\` measures again, and \`--help\` lists names and options.
`;

/** docs/experiments.md, from the experiments that have results. */
export function experimentsReport(parts: readonly { experiment: Experiment; results: Results }[]): string {
	return [introduction, ...parts.map(({ experiment, results }) => sectionText(experiment, results))].join("\n");
}

function sectionText(experiment: Experiment, results: Results): string {
	const { title, claim, method, tables, findings } = experiment.section(results);
	const blocks = [
		`## ${title}`,
		claim,
		method,
		...tables,
		findings.map((finding) => `- ${finding}`).join("\n"),
		provenance(results),
	];
	return `${blocks.join("\n\n")}\n`;
}

/** Machine, settings and how to run it again. */
function provenance({ experiment, date, machine, device, seed, settings, seconds }: Results): string {
	const values = Object.entries(settings as object)
		.map(([name, value]) => `${name} ${Array.isArray(value) ? value.join("/") : value}`)
		.join(", ");
	const busy =
		machine.load > machine.cores / 4
			? ` Other programs were running (load ${machine.load.toFixed(1)}), which disturbs times.`
			: "";
	return `Measured ${date} on ${machine.cpu}, ${machine.cores} cores, ${machine.system}, Node ${machine.node}; ${device}. Settings: ${values}, seed ${seed}. It took ${durationText(seconds)}.${busy} Again: \`npm run experiment -- ${experiment}\`.`;
}

function durationText(seconds: number): string {
	if (seconds < 100) return `${Math.round(seconds)} seconds`;
	return seconds < 6000 ? `${Math.round(seconds / 60)} minutes` : `${(seconds / 3600).toFixed(1)} hours`;
}
