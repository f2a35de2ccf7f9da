import { Command, Option } from "commander";
import { addModelOptions } from "../pipelines/model-options.js";
import { addReadingOptions } from "../pipelines/reading-options.js";
import { parseServeOptions, type RawServeOptions, serveDefaults } from "./options.js";

/** The verb `serve` with its options. */
export function serveCommand(): Command {
	const command = new Command("serve")
		.summary("answer over HTTP by a pretrained model")
		.description(
			'Serves a pretrained model over HTTP: POST /v1/embeddings as OpenAI\'s (with --task feature-extraction), POST /pipelines/TASK with {"inputs": …, "parameters": {…}} as the pipelines of transformers.js, GET /v1/models, /health and /metrics (Prometheus). Requests run one at a time; those beyond the queue get status 429. Ctrl-C or SIGTERM lets the one that runs end, and refuses others.',
		)
		.addOption(
			new Option("--task <names>", "pipelines to serve, with commas between")
				.argParser((text: string, before: string[]) => [...before, text])
				.default([], "those of the class in config.json"),
		)
		.option("--host <address>", "where it can be reached; 0.0.0.0 for everywhere", serveDefaults.host)
		.option("--port <number>", "0 for any that is free", serveDefaults.port)
		.addOption(
			new Option("--token <text>", 'what requests must bring, as "Authorization: Bearer TOKEN"').env("LONGSPAN_TOKEN"),
		)
		.option("--max-body <bytes>", "the longest body of a request", serveDefaults.maxBody)
		.option("--queue <count>", "the most requests that wait while one runs", serveDefaults.queue)
		.option("--timeout <seconds>", "the longest time until a request is answered", serveDefaults.timeout)
		.option("--pooling <how>", "embeddings: mean of the tokens' vectors, or cls, the first", serveDefaults.pooling)
		.option("--no-normalize", "leave embeddings as long as they are, instead of 1");
	return addReadingOptions(addModelOptions(command)).action(async (raw: RawServeOptions) => {
		const settings = parseServeOptions(raw);
		// Its libraries are for no other verb to load.
		const { runServe } = await import("./run.js");
		await runServe(settings);
	});
}
