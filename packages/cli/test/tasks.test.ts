import { execFile } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import type { ResultRecord } from "../src/tasks/record.js";
import { makePdf } from "../src/testing/make-pdf.js";
import { checkpointLabels, writeCheckpoint } from "../src/testing/pretrained-checkpoint.js";
import { command, inEmptyFolder, missing, type Outcome } from "./command.js";

const { longspan, write, folder } = inEmptyFolder();
const model = ["--model", "model", "--threads", "1"];
const sentence = "the keeper lit the lamp and the sea was calm . ";
const golden = fileURLToPath(new URL("../../../../shared/golden/led-seq2seq", import.meta.url));

const recordsIn = (text: string) =>
	text
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line) as ResultRecord & { result: never });

describe.skipIf(missing !== "")(`longspan embed, classify, ner, fill-mask, answer, summarize${missing}`, () => {
	beforeEach(() => writeCheckpoint(join(folder(), "model")));

	it("tells the result of one file to people", async () => {
		write("a.txt", sentence);
		write("m.md", "# ada\n\nthe [MASK] lit the [MASK]");
		const outcomes = (await Promise.all([
			longspan("classify", "a.txt", ...model),
			longspan("classify", "a.txt", ...model, "--labels", "sea, storm", "--hypothesis-template", "this is {} ."),
			longspan("ner", "a.txt", ...model, "--ignore-labels", "x"),
			longspan("fill-mask", "m.md", ...model, "--top-k", "2"),
			longspan("answer", "a.txt", ...model, "--question", "who lit the lamp ?", "--top-k", "2"),
			longspan("embed", "a.txt", ...model, "--normalize", "--dtype", "q8"),
		])) as [Outcome, Outcome, Outcome, Outcome, Outcome, Outcome];
		for (const { code, stderr } of outcomes) expect([code, stderr]).toEqual([0, ""]);
		const [classes, zeroShot, names, masks, answers, vector] = outcomes.map(({ stdout }) => stdout) as [
			...[string, string, string, string, string, string],
		];
		for (const label of checkpointLabels) expect(classes).toMatch(new RegExp(`^${label} +0\\.\\d{4}$`, "m"));
		expect(zeroShot).toMatch(/^(sea|storm) +0\.\d{4}\n(sea|storm) +0\.\d{4}$/m);
		expect(names).toMatch(/ {2}0\.\d{4} {2}character 1\n/);
		expect(masks.match(/^ +1 {2}\S+ +\d/gm)).toHaveLength(2);
		expect(masks.match(/^ +2 {2}\S+ +\d/gm)).toHaveLength(2);
		expect(answers.match(/^ {2}score [\d.e-]+, character \d+: the keeper lit/gm)).toHaveLength(2);
		expect(vector).toMatch(/^16 numbers: (-?0\.\d{4} ){8}… \(--json has all\)\n$/);
	});

	it("prints JSON: of one file if asked to, a line for each of several, going on where one fails", async () => {
		write("a.txt", sentence);
		write("long.html", `<title>ada</title><p>${sentence.repeat(5)}</p>`);
		write("empty.txt", "");
		const args = ["embed", "long.html", "empty.txt", "a.txt", ...model];
		const [one, refused, strided] = (await Promise.all([
			longspan("embed", "a.txt", ...model, "--json"),
			longspan(...args),
			longspan(...args, "--overflow", "stride", "--stride", "4", "--batch-size", "2"),
		])) as [Outcome, Outcome, Outcome];
		expect([one.code, one.stderr]).toEqual([0, ""]);
		const [alone] = recordsIn(one.stdout);
		expect(alone).toMatchObject({ path: "a.txt", task: "feature-extraction", model: "model", dtype: "fp32" });
		expect(alone?.options).toEqual({ pooling: "mean", normalize: false, overflow: "error" });
		expect(alone?.result).toHaveLength(16);

		expect([refused.code, strided.code]).toEqual([1, 1]);
		expect(refused.stderr).toMatch(
			/^longspan: "long\.html": the text makes 58 tokens, the model takes 32; pass --overflow stride to read it in windows, or --overflow truncate to read its begin$/m,
		);
		expect(refused.stderr).toMatch(/^longspan: "empty\.txt" is empty$/m);
		expect(recordsIn(refused.stdout)).toEqual([alone]);

		const [long, short] = recordsIn(strided.stdout);
		expect(long).toMatchObject({
			path: "long.html",
			title: "ada",
			overflow: { policy: "stride", tokens: 58, dropped: 0 },
		});
		expect(short?.result).toEqual(alone?.result);
		expect(strided.stderr).toMatch(/^"long\.html" has 58 tokens, the model takes 32: read in \d windows$/m);
	});

	it("adds results to a file, and computes only what it lacks", async () => {
		for (const name of ["a", "b", "c"]) write(`${name}.txt`, `${sentence}${name === "a" ? "ada" : "storm"}`);
		const out = join(folder(), "out.jsonl");
		const run = (...more: string[]) => longspan("classify", "*.txt", ...model, "--out", "out.jsonl", ...more);
		const first = await run();
		expect([first.code, first.stdout]).toEqual([0, ""]);
		expect(first.stderr).toMatch(/3 of 3 files computed; 3 results in out\.jsonl\n$/);
		const lines = readFileSync(out, "utf8");
		const records = recordsIn(lines);
		expect(records.map(({ path }) => path)).toEqual(["a.txt", "b.txt", "c.txt"]);
		expect(records[0]?.result).not.toEqual(records[1]?.result);

		// A killed run leaves half a line, and its lock.
		truncateSync(out, lines.length - 30);
		writeFileSync(`${out}.lock`, JSON.stringify({ pid: 2 ** 22 + 1, host: (await import("node:os")).hostname() }));
		const second = await run("--batch-size", "1");
		expect(second.stderr).toMatch(/1 of 3 files computed, 2 were done before; 3 results/);
		expect(readFileSync(out, "utf8")).toBe(lines);
		expect(existsSync(`${out}.lock`)).toBe(false);
		// Nothing is left to do: the model is not even loaded.
		const third = await longspan("classify", "a.txt", "--out", "out.jsonl", ...model);
		expect(third.stderr).toBe("0 of 1 files computed, 1 were done before; 3 results in out.jsonl\n");

		// Another content, other options, another file that cannot be read.
		write("b.txt", sentence);
		const changed = await run();
		expect(changed.stderr).toMatch(/1 of 3 files computed, 2 were done before; 4 results/);
		const other = await longspan("classify", "a.txt", "none.txt", ...model, "--top-k", "1", "--out", "out.jsonl");
		expect([other.code, other.stderr.trim().split("\n").at(-1)]).toEqual([
			...[1, "1 of 2 files computed, 1 failed; 5 results in out.jsonl"],
		]);
		expect(recordsIn(readFileSync(out, "utf8"))).toHaveLength(5);

		writeFileSync(`${out}.lock`, JSON.stringify({ pid: process.pid, host: (await import("node:os")).hostname() }));
		const busy = await run();
		expect([busy.code, busy.stderr]).toEqual([1, expect.stringMatching(/out\.jsonl" is in use by process/)]);
	});

	it("reads standard input, and tells the page of a PDF", async () => {
		const pdf = makePdf([[{ text: "the sea was calm .", y: 500 }], [{ text: "the keeper lit the lamp", y: 500 }]]);
		write("a.pdf", pdf);
		const [piped, page] = await Promise.all([
			new Promise<Outcome>((resolve) => {
				const args = [command, "ner", "-", "--json", ...model];
				execFile(process.execPath, args, { cwd: folder() }, (error, stdout, stderr) =>
					resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
				).stdin?.end(sentence);
			}),
			longspan("ner", "a.pdf", "--json", "--aggregation-strategy", "none", "--ignore-labels", "", ...model),
		]);
		expect([piped.code, piped.stderr]).toEqual([0, ""]);
		expect(recordsIn(piped.stdout)[0]).toMatchObject({ path: "-", task: "token-classification" });
		const tokens = recordsIn(page.stdout)[0]?.result as unknown as { word: string; page: number }[];
		expect(tokens.map(({ page: number }) => number)).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
	});

	it.skipIf(!existsSync(golden))("writes summaries (skipped without ../shared/golden)", async () => {
		write("a.txt", sentence);
		const args = ["summarize", "a.txt", "--model", golden, "--threads", "1", "--max-new-tokens", "12"];
		const [greedy, beams] = (await Promise.all([
			longspan(...args, "--json", "--num-beams", "1"),
			longspan(...args, "--json", "--num-beams", "3", "--no-repeat-ngram-size", "1", "--length-penalty", "2"),
		])) as [Outcome, Outcome];
		for (const { code, stderr } of [greedy, beams]) expect(code, stderr).toBe(0);
		const [one] = recordsIn(greedy.stdout);
		const [other] = recordsIn(beams.stdout);
		expect(other?.options).toEqual({
			...{ max_new_tokens: 12, num_beams: 3, length_penalty: 2, no_repeat_ngram_size: 1, overflow: "error" },
		});
		expect(other?.result).not.toEqual(one?.result);
	});

	it("gives one line and an exit code for input it cannot use", async () => {
		write("a.txt", sentence);
		write("notes.txt", "1\n2\n");
		mkdirSync(join(folder(), "none"));
		const cases: [args: string[], code: number, message: RegExp][] = [
			[["embed", "a.txt"], 2, /required option '--model <id>' not specified/],
			[["embed", ...model], 2, /missing required argument 'FILES'/],
			[["embed", "a.txt", ...model, "--pooling", "max"], 2, /--pooling: "max" is not valid; expected mean or cls/],
			[["embed", "a.txt", ...model, "--dtype", "int4"], 2, /--dtype: "int4" is not valid; expected fp32/],
			[["embed", "a.txt", ...model, "--overflow", "cut"], 2, /--overflow: "cut" is not valid/],
			[["embed", "a.txt", ...model, "--stride", "4"], 2, /--stride: .* add --overflow stride/],
			[["embed", "a.txt", ...model, "--window", "99"], 1, /"a\.txt": --window is 99; expected .* at most 32/],
			[
				["embed", "a.txt", "--model", "./nowhere", "--threads", "1"],
				1,
				/there is no folder "\.\/nowhere", and it is no id/,
			],
			[
				["embed", "a.txt", "--model", "some/model", "--offline", "--cache-dir", "none"],
				1,
				/^longspan: some\/model: revision "main" is not in .*; load it once without --offline$/m,
			],
			[["embed", "a.txt", "--model", "none", "--threads", "1"], 1, /none: .*config\.json|tokenizer\.json/],
			[["summarize", "a.txt", ...model], 1, /bert has no class for "seq2seq-lm"/],
			[["answer", "a.txt", ...model], 2, /required option '--question <text>'/],
			[["answer", "a.txt", ...model, "--question", " "], 2, /--question: it is empty/],
			[["classify", "a.txt", ...model, "--multi-label"], 2, /--multi-label: .* expected --labels, too/],
			[["classify", "a.txt", ...model, "--labels", "a,,b"], 2, /--labels: "a,,b" has an empty class/],
			[
				["classify", "a.txt", ...model, "--labels", "a", "--hypothesis-template", "b"],
				1,
				/--hypothesis-template is "b"/,
			],
			[["fill-mask", "a.txt", ...model], 1, /"a\.txt": the text has no mask token; expected \[MASK\] in it/],
			[["embed", "a.txt", ...model, "--out", "none/x/y"], 1, /cannot write "none\/x\/y": there is no folder/],
			[["embed", "a.txt", ...model, "--out", "notes.txt"], 1, /notes\.txt" is no file of results: line 1/],
			[["embed", "missing*", ...model], 1, /"missing\*" matches no file/],
		];
		for (let first = 0; first < cases.length; first += 4) {
			const some = cases.slice(first, first + 4);
			const outcomes = await Promise.all(some.map(([args]) => longspan(...args)));
			some.forEach(([args, code, message], index) => {
				const outcome = outcomes[index] as Outcome;
				const told = args.join(" ");
				expect(outcome.stderr, told).toMatch(message);
				expect(outcome.stderr, told).toMatch(/^longspan: .*\n$/);
				expect([outcome.code, outcome.stdout], told).toEqual([code, ""]);
			});
		}
		expect(readFileSync(join(folder(), "notes.txt"), "utf8")).toBe("1\n2\n");
		appendFileSync(join(folder(), "model", "model.safetensors"), "x");
		const damaged = await longspan("embed", "a.txt", ...model);
		expect([damaged.code, damaged.stderr]).toEqual([1, expect.stringMatching(/^longspan: .*model\.safetensors.*\n$/)]);
	});
});
