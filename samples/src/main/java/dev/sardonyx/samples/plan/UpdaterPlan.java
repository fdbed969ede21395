package dev.sardonyx.samples.plan;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

/**
 * How a step follows from a gradient.
 *
 * @param title the updater and its learning rate
 */
record UpdaterPlan(String title, IUpdater updater) {
  private static final double DEFAULT_RATE = 1e-3;

  /** An updater of DL4J's, for a rate that stays and for one that follows a schedule. */
  private record Kind(
      String title, Function<Double, IUpdater> fixed, Function<ISchedule, IUpdater> scheduled) {}

  private static final Map<String, Kind> KINDS = new LinkedHashMap<>();

  static {
    KINDS.put("adam", new Kind("Adam", Adam::new, Adam::new));
    KINDS.put("sgd", new Kind("SGD", Sgd::new, Sgd::new));
    KINDS.put("nesterovs", new Kind("Nesterovs", Nesterovs::new, Nesterovs::new));
    KINDS.put("rmsprop", new Kind("RMSProp", RmsProp::new, RmsProp::new));
    KINDS.put("adagrad", new Kind("AdaGrad", AdaGrad::new, AdaGrad::new));
    KINDS.put("nadam", new Kind("Nadam", Nadam::new, Nadam::new));
    KINDS.put("amsgrad", new Kind("AMSGrad", AMSGrad::new, AMSGrad::new));
    KINDS.put("adamax", new Kind("AdaMax", AdaMax::new, AdaMax::new));
    KINDS.put("adadelta", new Kind("AdaDelta", rate -> new AdaDelta(), rate -> new AdaDelta()));
  }

  static UpdaterPlan of(PlanMap training) throws PlanException {
    String name =
        training.has("updater")
            ? training.need("updater").word(List.copyOf(KINDS.keySet()))
            : "adam";
    training.requireWith("learning-rate", !name.equals("adadelta"), "updaters that have one");
    Kind kind = Objects.requireNonNull(KINDS.get(name));
    if (name.equals("adadelta")) {
      return new UpdaterPlan(kind.title(), kind.fixed().apply(DEFAULT_RATE));
    }
    if (training.has("learning-rate") && training.need("learning-rate").isMap()) {
      Schedule schedule = schedule(training.need("learning-rate"));
      return new UpdaterPlan(
          kind.title() + " " + schedule.title(), kind.scheduled().apply(schedule.rates()));
    }
    double rate = training.number("learning-rate", PlanNode.Bounds.POSITIVE, DEFAULT_RATE);
    return new UpdaterPlan(kind.title() + " " + rate, kind.fixed().apply(rate));
  }

  private record Schedule(String title, ISchedule rates) {}

  private static Schedule schedule(PlanNode node) throws PlanException {
    if (node.map().has("epochs")) {
      return byEpoch(node.map("epochs").need("epochs"));
    }
    PlanMap map = node.map("start", "exponential", "step");
    double start = map.need("start").number(PlanNode.Bounds.POSITIVE);
    if (map.oneOf("exponential", "step").equals("exponential")) {
      double factor = map.need("exponential").number(PlanNode.Bounds.POSITIVE);
      return new Schedule(
          "from " + start + ", times " + factor + " an epoch",
          new ExponentialSchedule(ScheduleType.EPOCH, start, factor));
    }
    PlanMap step = map.need("step").map("every", "factor");
    int every = step.need("every").count(1);
    double factor = step.need("factor").number(PlanNode.Bounds.POSITIVE);
    return new Schedule(
        "from " + start + ", times " + factor + " every " + every + " epochs",
        new StepSchedule(ScheduleType.EPOCH, start, factor, every));
  }

  /** Rates from epochs on, which plans count from 1 and DL4J from 0. */
  private static Schedule byEpoch(PlanNode node) throws PlanException {
    PlanMap map = node.map();
    Map<Integer, Double> rates = new TreeMap<>();
    for (String epoch : map.names()) {
      rates.put(map.key(epoch).count(1) - 1, map.need(epoch).number(PlanNode.Bounds.POSITIVE));
    }
    if (!rates.containsKey(0)) {
      throw node.wrong("has no rate for epoch 1");
    }
    return new Schedule("by epoch " + map.names(), new MapSchedule(ScheduleType.EPOCH, rates));
  }
}
