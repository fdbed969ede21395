package dev.sardonyx.runtime.session;

/**
 * What a run belongs to.
 *
 * @param session what is closed when its runs are to end; any object
 * @param model how messages name the model
 */
record RunScope(Object session, String model, RunOptions options) {}
