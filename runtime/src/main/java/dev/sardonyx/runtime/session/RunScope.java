package dev.sardonyx.runtime.session;

/**
 * What a run belongs to.
 *
 * @param session identifies the runs that are ended when it is closed; any object
 * @param model how messages name the model
 */
record RunScope(Object session, String model, RunOptions options) {}
