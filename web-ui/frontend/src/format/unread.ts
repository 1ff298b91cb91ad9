// Connections that no exchange stands for, in words.
import type { Connection } from '../api/types';
import * as texts from '../texts/unread';

const REASONS: Record<NonNullable<Connection['tunnel_reason']>, string> = texts.reasons;
const DETECTED: Record<NonNullable<Connection['detected']>, string> = texts.detected;
const VERDICTS: Record<NonNullable<Connection['verdict']>, string> = texts.verdicts;

/** What the client's first bytes are, what dashcam does with a connection, and why it does not read it. */
export const readingOf = ({ detected, verdict, tunnel_reason }: Connection) => ({
  detected: detected == null ? null : DETECTED[detected],
  verdict: verdict == null ? null : VERDICTS[verdict],
  reason: tunnel_reason == null ? null : REASONS[tunnel_reason],
});

/** Why nothing of a connection was read. */
export const unreadWords = ({ failure, tunnel_reason }: Connection) =>
  failure != null ? failure.message : texts.notRead(tunnel_reason == null ? texts.tunnelled : REASONS[tunnel_reason]);
