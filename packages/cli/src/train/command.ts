import { Command } from "commander";
import { describeRegistry } from "../attentions/choices.js";
import { addDeviceOptions, parseDeviceOptions, type RawDeviceOptions } from "../device-options.js";
import { UsageError } from "../errors.js";
import { fineTuneDefaults, type GivenFineTuneOptions } from "../fine-tune/options.js";
import { startFineTuning } from "../fine-tune/run.js";
import { formatCount } from "../output/format.js";
import { heldOutTokens } from "./data.js";
import { dependentDefaults, type GivenOptions, runDefaults } from "./options.js";
import { resumeRun } from "./resume.js";
import { startRun } from "./run.js";

/** Options of all kinds of runs: of a model from the start, and of one that is fine-tuned. */
export type TrainOptions = GivenOptions & GivenFineTuneOptions;

type RawOptions = TrainOptions & RawDeviceOptions & { out?: string; resume?: string; json: boolean };

/** The verb `train` with its options. Those of a run have no defaults here: a run that goes on takes them from its folder. */
export function trainCommand(): Command {
	const { stepTokens, headDim, learningRate, weightDecay, warmUp, evaluations } = dependentDefaults;
	const or = (value: string) => `(default: ${value})`;
	const command = new Command("train")
		.summary("train a language model with any attention, and go on with it")
		.description(
			"Trains a language model on the bytes or tokens of your files, or, with --init, a pretrained one on texts or classes of texts. Checkpoints, a line for each step and a report go into a folder. Ctrl-C saves; --resume goes on as if nothing had happened.",
		)
		.option(
			"--attention <text>",
			"linear for all layers; local,reformer for layers in turn; window:256+linear for heads of a layer (see below)",
		)
		.option(
			"--init <id>",
			"fine-tune that model: a folder in the Hugging Face layout, such as longspan lengthen makes, or an id of the Hub; the run's folder model has the result in that layout",
		)
		.option(
			"--objective <name>",
			`with --init: masked-lm, on texts, or classify, on .jsonl or .csv files of text and label ${or(fineTuneDefaults.objective)}`,
		)
		.option(
			"--data <paths...>",
			"files, folders and patterns such as 'docs/**/*.md'; the last tenth of each file is held out (default: longspan's own sources and docs)",
		)
		.option("--out <folder>", "where the run goes: a folder without one")
		.option(
			"--resume <folder>",
			"go on with the run of that folder, with its own options; --steps, --evaluate-every, --save-every and --keep may change, and so may --threads, with the same result (other builds, as of --no-turbo, or other machines may differ in the last digits, which is told)",
		)
		.option("--tokenizer <path>", "a tokenizer.json of Hugging Face's tokenizers, or its folder (default: bytes)")
		.option(
			"--length <tokens>",
			`tokens of a sequence; of a list such as 512,1k,4k each step draws one ${or(`${runDefaults.length}; with --init, as many as the model takes`)}`,
		)
		.option("--batch <count>", `sequences of the longest length at once ${or(`what makes ${stepTokens} tokens`)}`)
		.option("--steps <count>", or(runDefaults.steps))
		.option("--layers <count>", or(runDefaults.layers))
		.option("--dim <size>", `width of the model ${or(runDefaults.dim)}`)
		.option("--heads <count>", or(`one for ${headDim} channels`))
		.option("--kv-heads <count>", `heads of keys and values, each shared by a group of queries' ${or("as many")}`)
		.option(
			"--positions <kind>",
			`learned, sinusoidal, rotary, none, axial:64x64 or axial:64x64:summed ${or(runDefaults.positions)}`,
		)
		.option("--norm <place>", `pre or post ${or(runDefaults.norm)}`)
		.option(
			"--activation <name>",
			`of the feed-forward layers: gelu, relu, silu, glu, geglu or swiglu ${or(runDefaults.activation)}`,
		)
		.option("--ff-hidden <size>", `channels within them ${or("4 dim, or 8/3 dim with a gate")}`)
		.option("--ff-chunk <tokens>", `tokens they compute at once ${or("all")}`)
		.option(
			"--activations <kind>",
			`stored, checkpointed or reversible: the last two take less memory ${or(runDefaults.activations)}`,
		)
		.option("--stream-merge <kind>", `averaged or concatenated, with reversible ${or("averaged")}`)
		.option("--universal", "one block for all layers (Universal Transformer)")
		.option("--halting <kind>", "basic or accumulated: with it, positions may end before the last layer")
		.option("--dropout <rate>", or(runDefaults.dropout))
		.option("--optimizer <name>", `adamw or adafactor ${or(runDefaults.optimizer)}`)
		.option(
			"--learning-rate <rate>",
			`the largest ${or(`${learningRate.adamw}; adafactor ${learningRate.adafactor}; with --init ${fineTuneDefaults.learningRate.adamw}; ${fineTuneDefaults.learningRate.adafactor}`)}`,
		)
		.option("--schedule <name>", `cosine, linear, inverse-root or constant ${or(runDefaults.schedule)}`)
		.option("--warm-up <steps>", or(`a tenth of all steps, at most ${warmUp.most}`))
		.option("--weight-decay <rate>", or(`${weightDecay.adamw}; adafactor ${weightDecay.adafactor}`))
		.option("--clip <norm>", `largest norm of the gradient; 0: any ${or(runDefaults.clip)}`)
		.option("--accumulate <count>", `batches of a step ${or(runDefaults.accumulate)}`)
		.option("--ema <decay>", `also keep a moving average of the weights, which is then measured and used ${or("none")}`)
		.option("--seed <number>", `seed of the weights, the order of the data and dropout ${or(runDefaults.seed)}`)
		.option(
			"--evaluate-every <steps>",
			`predict held-out text, at most ${formatCount(heldOutTokens)} tokens spread evenly over it ${or(`${evaluations.most} times, at least ${evaluations.leastSteps} steps apart, and at the end`)}`,
		)
		.option("--save-every <steps>", or("as --evaluate-every; the best are saved anyway"))
		.option("--keep <count>", `last checkpoints to keep, beside the best ${or(runDefaults.keep)}`);
	return addDeviceOptions(command)
		.option("--json", "print one JSON document and nothing else on stdout", false)
		.addHelpText("after", `\nAttentions (options after colons, such as window:512):\n${describeRegistry()}`)
		.action(({ out, resume, json, threads, turbo, device, ...given }: RawOptions) => {
			const circumstances = {
				...parseDeviceOptions({ turbo, device, ...(threads !== undefined && { threads }) }),
				json,
			};
			if (out === "" || resume === "") throw new UsageError(`${out === "" ? "--out" : "--resume"}: the path is empty`);
			if (resume !== undefined && out !== undefined)
				throw new UsageError("--out: a run that goes on stays in its folder; give --resume alone");
			if (resume !== undefined) return resumeRun(resume, given, circumstances);
			if (given.init === undefined && given.objective !== undefined)
				throw new UsageError("--objective: only a pretrained model has one; give that by --init");
			if (out === undefined)
				throw new UsageError("--out: no folder is given; expected one for a new run, or --resume with that of a run");
			const { init, objective, ...rest } = given;
			if (init === undefined) return startRun(out, rest, circumstances);
			return startFineTuning(out, { ...rest, init, ...(objective !== undefined && { objective }) }, circumstances);
		});
}
