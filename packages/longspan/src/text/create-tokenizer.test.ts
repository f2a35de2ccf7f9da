import { describe, expect, it } from "vitest";
import { LongspanError, OptionError } from "../errors.js";
import { random } from "../testing/random-values.js";
import { createTokenizer } from "./create-tokenizer.js";
