package atelier.trainer.metrics;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import com.google.protobuf.Value;
import java.util.List;
import java.util.Map;

/**
 * The messages of TensorBoard's hparams plug-in, written by field number: no Java classes of them are published. Source:
 * tensorboard/plugins/hparams/plugin_data.proto and api.proto, the field's name beside each number.
 */
final class HparamsMessages {
    private static final int EXPERIMENT = 2;
    private static final int SESSION_START_INFO = 3;
    private static final int SESSION_END_INFO = 4;
    private static final int DATA_TYPE_STRING = 1;
    private static final int DATA_TYPE_BOOL = 2;
    private static final int DATA_TYPE_FLOAT64 = 3;
    private static final int STATUS_SUCCESS = 1;

    private HparamsMessages() {}

    /** What the runs differ by, and which figures compare them. */
    static ByteString experiment(Map<String, ?> settings, List<String> figures, double seconds) {
        UnknownFieldSet.Builder experiment = UnknownFieldSet.newBuilder();
        experiment.mergeField(3 /* time_created_secs */, number(seconds));
        settings.forEach((name, value) -> experiment.mergeField(
                4 /* hparam_infos */,
                message(UnknownFieldSet.newBuilder()
                        .addField(1 /* name */, text(name))
                        .addField(4 /* type */, varint(type(value))))));
        figures.forEach(figure -> experiment.mergeField(
                5 /* metric_infos */,
                message(UnknownFieldSet.newBuilder()
                        .addField(
                                1 /* name */,
                                message(UnknownFieldSet.newBuilder().addField(2 /* tag */, text(figure)))))));
        return plugin(EXPERIMENT, experiment);
    }

    /** This run's values. */
    static ByteString start(Map<String, ?> settings, double seconds) {
        UnknownFieldSet.Builder start = UnknownFieldSet.newBuilder();
        settings.forEach((name, value) -> start.mergeField(
                1 /* hparams, a map */,
                message(UnknownFieldSet.newBuilder()
                        .addField(1 /* key */, text(name))
                        .addField(2 /* value */, bytes(value(value).toByteString())))));
        start.addField(5 /* start_time_secs */, number(seconds));
        return plugin(SESSION_START_INFO, start);
    }

    static ByteString end(double seconds) {
        return plugin(
                SESSION_END_INFO,
                UnknownFieldSet.newBuilder()
                        .addField(1 /* status */, varint(STATUS_SUCCESS))
                        .addField(2 /* end_time_secs */, number(seconds)));
    }

    private static Value value(Object value) {
        Value.Builder builder = Value.newBuilder();
        if (value instanceof Number number) {
            builder.setNumberValue(number.doubleValue());
        } else if (value instanceof Boolean truth) {
            builder.setBoolValue(truth);
        } else {
            builder.setStringValue(String.valueOf(value));
        }
        return builder.build();
    }

    private static int type(Object value) {
        return value instanceof Number
                ? DATA_TYPE_FLOAT64
                : value instanceof Boolean ? DATA_TYPE_BOOL : DATA_TYPE_STRING;
    }

    private static ByteString plugin(int field, UnknownFieldSet.Builder content) {
        return UnknownFieldSet.newBuilder()
                .addField(field, message(content))
                .build()
                .toByteString();
    }

    private static Field message(UnknownFieldSet.Builder content) {
        return bytes(content.build().toByteString());
    }

    private static Field text(String text) {
        return bytes(ByteString.copyFromUtf8(text));
    }

    private static Field bytes(ByteString bytes) {
        return Field.newBuilder().addLengthDelimited(bytes).build();
    }

    private static Field varint(long value) {
        return Field.newBuilder().addVarint(value).build();
    }

    private static Field number(double value) {
        return Field.newBuilder().addFixed64(Double.doubleToLongBits(value)).build();
    }
}
