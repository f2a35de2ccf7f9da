import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { init, type Pipeline, pipeline } from "longspan";
import { describe, expect, it } from "vitest";
import { longformerLength, writeLongformer } from "../src/testing/longformer-checkpoint.js";
import { command, inEmptyFolder, missing } from "./command.js";

const { folder, longspan } = inEmptyFolder();
const token = "a-token";
const authorization = { Authorization: `Bearer ${token}` };

/** Starts the command as a process of its own, and waits until it serves. */
async function serve(...args: string[]) {
	const child = spawn(process.execPath, [command, "serve", "--port", "0", "--threads", "1", ...args], {
		cwd: folder(),
		env: { ...process.env, LONGSPAN_TOKEN: token },
	});
	let stderr = "";
	child.stderr.on("data", (chunk) => (stderr += chunk));
	const ended = once(child, "close") as Promise<[number | null]>;
	const address = await Promise.race([
		once(child.stdout, "data").then(([chunk]) => String(chunk).trim()),
		ended.then(([code]) => Promise.reject(new Error(`it ended with code ${code}: ${stderr}`))),
	]);
	const get = (path: string) => fetch(`${address}${path}`, { headers: authorization });
	const post = (path: string, body: unknown, more: RequestInit = {}) =>
		fetch(`${address}${path}`, {
			method: "POST",
			headers: { ...authorization, "Content-Type": "application/json" },
			body: JSON.stringify(body),
			...more,
		});
	return { child, ended, address, get, post, told: () => stderr };
}

/** Runs a pipeline of the library on the same checkpoint. */
async function inProcess<T>(run: (ask: Pipeline<"question-answering">, embed: Pipeline<"feature-extraction">) => T) {
	const device = await init({ device: "wasm", threads: 1 });
	try {
		const checkpoint = join(folder(), "model");
		const ask = await pipeline("question-answering", checkpoint, { device });
		return await run(ask, await pipeline("feature-extraction", checkpoint, { device }));
	} finally {
		device.dispose();
	}
}

const question = "Who keeps the light?";
const short = "On the rock stands a tower. Ana keeps the light, and writes a line in the log each night.";
const long = "The sea was calm, and nobody came. ".repeat(60) + short + " The wind blew from the north.".repeat(60);
/** Takes seconds; with `endlessly`, a minute. */
const book = short.repeat(1500);
const endlessly = { overflow: "stride", stride: 500 };
const patient = { timeout: 20_000 };

describe.skipIf(missing !== "")(`longspan serve${missing}`, () => {
	it("serves a checkpoint: what the library finds, over HTTP", async () => {
		writeLongformer(join(folder(), "model"));
		const args = ["--model", "model", "--task", "question-answering,feature-extraction", "--queue", "0"];
		const { child, ended, get, post, told, address } = await serve(...args, "--max-body", "1mb");
		try {
			expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
			const expected = await inProcess(async (ask, embed) => ({
				short: await ask(question, short),
				long: await ask(question, long, { overflow: "stride" }),
				vectors: await embed([short, "light"], { pooling: "mean", normalize: true }),
				tokens: [short, "light"].reduce((sum, text) => sum + ask.tokenizer.encode(text).ids.length, 0),
			}));
			const json = async (response: Promise<Response>) => {
				const answer = await response;
				return [answer.status, await answer.json()] as const;
			};

			const inputs = { question, context: short };
			const [status, answer] = await json(post("/pipelines/question-answering", { inputs }));
			expect(status).toBe(200);
			expect(answer).toEqual({
				result: { ...expected.short, score: expect.closeTo(expected.short.score, 6) },
				usage: { tokens: expect.any(Number) },
			});

			// Nothing is cut silently.
			const [refused, { error }] = await json(
				post("/pipelines/question-answering", { inputs: { question, context: long } }),
			);
			expect(refused).toBe(400);
			expect(error.message).toMatch(new RegExp(`the model takes ${longformerLength}; pass overflow: "stride"`));
			const [, strided] = await json(
				post("/pipelines/question-answering", {
					inputs: { question, context: long },
					parameters: { overflow: "stride" },
				}),
			);
			expect(strided).toMatchObject({
				result: { ...expected.long, score: expect.closeTo(expected.long.score, 6) },
				overflow: [{ policy: "stride", limit: longformerLength, dropped: 0 }],
			});

			const [, floats] = await json(post("/v1/embeddings", { input: [short, "light"], model: "model" }));
			expect(floats).toMatchObject({
				...{ object: "list", model: "model", usage: { prompt_tokens: expected.tokens, total_tokens: expected.tokens } },
				data: [{ object: "embedding", index: 0 }, { index: 1 }],
			});
			const [, packed] = await json(post("/v1/embeddings", { input: "light", encoding_format: "base64" }));
			const bytes = Uint8Array.from(Buffer.from(packed.data[0].embedding, "base64"));
			const vectors = [
				...floats.data.map((entry: { embedding: number[] }) => entry.embedding),
				[...new Float32Array(bytes.buffer)],
			];
			const width = expected.vectors.dims[1] as number;
			for (const [index, row] of [0, 1, 1].entries())
				for (const [at, value] of (vectors[index] as number[]).entries())
					expect(value).toBeCloseTo(expected.vectors.data[row * width + at] as number, 6);

			expect(
				(await post("/v1/embeddings", { input: "a" }, { headers: { "Content-Type": "application/json" } })).status,
			).toBe(401);
			expect((await post("/v1/embeddings", { input: "x".repeat(2 ** 20) })).status).toBe(413);
			expect((await post("/pipelines/fill-mask", { inputs: "<mask>" })).status).toBe(404);

			// While one runs, the server answers; whoever comes is told to wait, and the one that left is not computed to its end.
			const stop = new AbortController();
			const running = post("/v1/embeddings", { input: book, ...endlessly }, { signal: stop.signal });
			running.catch(() => {});
			await expect.poll(async () => (await get("/metrics")).text(), patient).toMatch(/^longspan_running 1$/m);
			expect((await get("/health")).status).toBe(200);
			const busy = await post("/v1/embeddings", { input: "a" });
			expect([busy.status, Number(busy.headers.get("Retry-After")) > 0]).toEqual([429, true]);
			stop.abort();
			await expect.poll(async () => (await post("/v1/embeddings", { input: "a" })).status, patient).toBe(200);
			expect(await (await get("/metrics")).text()).toMatch(
				/^longspan_errors_total\{route="\/v1\/embeddings",code="client_gone"\} 1$/m,
			);

			// What runs is finished, others are refused, and the process ends.
			const last = post("/v1/embeddings", { input: book, overflow: "stride" });
			await expect.poll(async () => (await get("/metrics")).text(), patient).toMatch(/^longspan_running 1$/m);
			child.kill("SIGTERM");
			await expect.poll(async () => (await post("/v1/embeddings", { input: "a" })).status, patient).toBe(503);
			expect((await last).status).toBe(200);
			expect(await ended).toEqual([0, null]);
			expect(told()).toMatch(/^longspan: question-answering, .*\nlongspan: ends when .*\n$/);
		} finally {
			child.kill("SIGKILL");
		}
	});

	it("gives one line and an exit code for what it cannot serve", async () => {
		writeLongformer(join(folder(), "model"));
		const { child, address } = await serve("--model", "model");
		try {
			const cases: [args: string[], code: number, message: RegExp][] = [
				[["--port", new URL(address).port, "--model", "model"], 1, /port \d+ is in use; choose another by --port/],
				[["--port", "0", "--model", "none/at/all"], 1, /there is no folder "none\/at\/all"/],
				[["--port", "0", "--model", "model", "--task", "summarization"], 1, /longformer has no class for "seq2seq-lm"/],
				[["--port", "0"], 2, /required option '--model <id>' not specified/],
				[["--port", "x", "--model", "model"], 2, /--port: "x" is not valid/],
			];
			for (const [args, code, message] of cases) {
				const outcome = await longspan("serve", ...args);
				expect(outcome.stderr).toMatch(message);
				expect(outcome.stderr).toMatch(/^longspan: .*\n$/);
				expect([outcome.code, outcome.stdout]).toEqual([code, ""]);
			}
		} finally {
			child.kill("SIGKILL");
		}
	});
});
