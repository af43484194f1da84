// What the board's Python side tells of tags, reviews and its state, as types. No browser is sent this file.

/** @typedef {{code: string, name: string, description: string}} Tag */

/**
 * @typedef {object} Item
 * @property {string} id
 * @property {string} name
 * @property {string} subteam
 * @property {Record<string, boolean>} auto
 * @property {Set<string>} on
 * @property {Record<string, number>} [scores]
 * @property {number} [at] when it was made, in seconds since 1970
 * @property {string} [text]
 * @property {[number, number][]} [marks] where flagged words stand in the text
 * @property {boolean} [flagged] whether any word is flagged, and whether all marks were asked for
 * @property {boolean} [asked]
 * @property {boolean} [cut] whether the text is longer
 * @property {boolean} [blind] whether what the automatic side said of it is kept away
 * @property {Split} [said] what its reviewers said, where the board settles disputes
 * @property {string} [film] a video's address
 * @property {number} [frames] how many it has
 */

/**
 * What several reviewers said of a review: how many they are, how many set each tag, on how many frames they differ.
 * @typedef {{of: number, on: Record<string, number>, frames: number}} Split
 */

/**
 * @typedef {object} State
 * @property {"reviewing" | "lost" | "loading" | "offer" | "error" | "finished" | "empty"} phase
 * @property {number} serial
 * @property {string} busy
 * @property {{kind: string, text: string, action: string} | null} notice
 * @property {string} kind
 * @property {number} count
 * @property {number} taking how many are still to be taken onto the screen
 * @property {boolean} adjudicate whether it settles disputes
 * @property {boolean} feedback whether known answers are told of
 * @property {boolean} blind whether what the automatic side said is kept away
 * @property {string} order in which the service gives reviews
 * @property {string} reviewer
 * @property {string} team
 * @property {string} subteam
 * @property {string[]} subteams
 * @property {Tag[]} tags
 * @property {{waiting: number, kept: number, elsewhere: number, done: number, total: number}} queue
 * @property {number} mine
 * @property {{left: number, window: number, count: number}} undo
 * @property {{count: number, text: string, switched: number}} offer
 * @property {{id: string, name: string, until: string}[]} held parked by this reviewer, `until` in local words
 * @property {import("./wellness.js").Care} care
 * @property {string[]} lost
 * @property {[string, string][]} unsaved
 * @property {number} beat
 */

/**
 * What listeners are told: `tag` a review, `tags` several reviews, `veil` a review or nothing (all), `found` nothing,
 * `kind` a message that only one kind of review knows, `again` that clicks may have been lost, `missed` a lost step,
 * `known` that known answers differ, or were dismissed.
 * @typedef {"state" | "screen" | "items" | "tag" | "tags" | "thumbs" | "details" | "picture" | "silent" | "veil" |
 *   "picked" | "alike" | "found" | "kind" | "looked" |
 *   "again" | "missed" | "known"} Topic
 */

export {};
