package atelier.diffusion.tensor;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import atelier.common.work.StopSignal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The compiled kernels on one device. A kernel runs without autograd: what a network needs going back is written out
 * as a kernel of its own, so that nothing is kept that is not asked for.
 *
 * <p>Not thread-safe for kernels that write into their arguments; each thread may call the pure ones.
 */
public final class Kernels implements AutoCloseable {
    private static final List<String> TEXTS = List.of(
            "layers.py",
            "winograd.py",
            "attention.py",
            "blocks.py",
            "fused.py",
            "weights.py",
            "transfer.py",
            "adapters.py");
    private static final List<String> ONEDNN = List.of("prepacked.py", "int8.py");

    private final Model model;
    private final Execution execution;
    private final PtSymbolBlock block;
    private final @Nullable KernelProfile profile = Boolean.getBoolean("atelier.profile") ? new KernelProfile() : null;
    private final ThreadLocal<Boolean> ready = ThreadLocal.withInitial(() -> {
        // The optimising executor would specialise, and compile, each kernel for each shape. The switch is per thread.
        JniUtils.setGraphExecutorOptimize(false);
        return true;
    });

    private Kernels(Model model, Execution execution) {
        this.model = model;
        this.execution = execution;
        this.block = (PtSymbolBlock) model.getBlock();
    }

    /** Writes, loads and compiles the kernels for a device. */
    public static Kernels load(Device device) {
        return load(device, List.of());
    }

    /**
     * As {@link #load(Device)}, with the kernel texts of another module beside the network's.
     *
     * @param more absolute names of resources on the class path
     */
    public static Kernels load(Device device, List<String> more) {
        return load(device, more, Execution.on(device));
    }

    /** As {@link #load(Device, List)}, in another way than the device's own. */
    public static Kernels load(Device device, List<String> more, Execution execution) {
        return load(device, more, execution, Prepacking.inBuild());
    }

    /** @param onednn whether PyTorch is built with oneDNN, whose operators a script could else not even name */
    static Kernels load(Device device, List<String> more, Execution execution, boolean onednn) {
        TorchEngine.load();
        Path folder = null;
        Model model = Model.newInstance(KernelArchive.NAME, device, "PyTorch");
        try {
            folder = Files.createTempDirectory("atelier-kernels");
            List<String> texts = new ArrayList<>(TEXTS);
            texts.addAll(onednn ? ONEDNN : List.of("unpacked.py"));
            texts.addAll(more);
            KernelArchive.write(folder, texts, execution);
            model.load(folder, KernelArchive.NAME);
            return new Kernels(model, execution);
        } catch (IOException e) {
            model.close();
            throw new UncheckedIOException("the kernels cannot be written: " + e.getMessage(), e);
        } catch (MalformedModelException e) {
            model.close();
            throw new IllegalStateException("the kernels do not load: " + e.getMessage(), e);
        } finally {
            if (folder != null) {
                deleteQuietly(folder.resolve(KernelArchive.NAME + ".pt"));
                deleteQuietly(folder);
            }
        }
    }

    private static void deleteQuietly(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            path.toFile().deleteOnExit();
        }
    }

    /** The manager of arrays that live as long as the kernels; others belong in sub-managers of it. */
    public NDManager manager() {
        return model.getNDManager();
    }

    public Device device() {
        return manager().getDevice();
    }

    /**
     * What the last bits of a result hang on beside weights and inputs, for the keys of what is kept on disk: the kind of
     * device, and on a CPU the number of threads, among which sums are divided.
     */
    public String arithmetic() {
        return device().isGpu() ? device().getDeviceType() : "cpu, threads: " + JniUtils.getNumThreads();
    }

    /** How blocks are computed. */
    public Execution execution() {
        return execution;
    }

    /**
     * Runs a kernel of any signature.
     *
     * @param scope the manager that the resulting arrays belong to
     * @param arguments {@link NDArray}, {@link NDList} (a list of tensors), {@link BlockTensors} (its tensors and its
     *     numbers: two arguments), Integer or Long, Double or Float, Boolean, long[], double[] or boolean[]
     * @return the tensors of the result: one, or those of a list; none where a kernel gives a number
     */
    public NDList call(NDManager scope, String kernel, Object... arguments) {
        StopSignal.check();
        ready.get();
        Arguments values = new Arguments(arguments);
        try (IValue result = invoke(kernel, values)) {
            if (result.isTensor() || result.isTensorList()) {
                return result.toNDList((PtNDManager) scope);
            }
            return new NDList();
        } finally {
            values.close();
        }
    }

    private IValue invoke(String kernel, Arguments values) {
        if (profile == null) {
            return IValueUtils.runMethod(block, kernel, values.array());
        }
        long[] start = KernelProfile.start();
        IValue result = IValueUtils.runMethod(block, kernel, values.array());
        profile.add(kernel, start);
        return result;
    }

    /** Runs a kernel that gives one tensor. */
    public NDArray one(NDManager scope, String kernel, Object... arguments) {
        return call(scope, kernel, arguments).get(0);
    }

    /** Runs a kernel for what it writes into its arguments. */
    public void run(String kernel, Object... arguments) {
        StopSignal.check();
        ready.get();
        Arguments values = new Arguments(arguments);
        try {
            invoke(kernel, values).close();
        } finally {
            values.close();
        }
    }

    @Override
    public void close() {
        if (profile != null) {
            System.err.print(profile.table());
        }
        model.close();
    }

    /** Boxes arguments; those made here are closed after the call, a block's own are kept. */
    private static final class Arguments {
        private final List<IValue> values = new ArrayList<>();
        private final List<IValue> owned = new ArrayList<>();

        Arguments(Object... arguments) {
            for (Object argument : arguments) {
                if (argument instanceof BlockTensors tensors) {
                    values.add(tensors.tensors());
                    values.add(tensors.numbers());
                } else {
                    IValue value = box(argument);
                    values.add(value);
                    owned.add(value);
                }
            }
        }

        private static IValue box(Object argument) {
            if (argument instanceof PtNDArray array) {
                return IValue.from(array);
            } else if (argument instanceof NDList list) {
                return IValue.listFrom(list.stream().map(PtNDArray.class::cast).toArray(PtNDArray[]::new));
            } else if (argument instanceof Integer || argument instanceof Long) {
                return IValue.from(((Number) argument).longValue());
            } else if (argument instanceof Double || argument instanceof Float) {
                return IValue.from(((Number) argument).doubleValue());
            } else if (argument instanceof Boolean flag) {
                return IValue.from(flag.booleanValue());
            } else if (argument instanceof long[] numbers) {
                return IValue.listFrom(numbers);
            } else if (argument instanceof double[] numbers) {
                return IValue.listFrom(numbers);
            } else if (argument instanceof boolean[] flags) {
                return IValue.listFrom(flags);
            }
            throw new IllegalArgumentException("a kernel takes no " + argument.getClass());
        }

        IValue[] array() {
            return values.toArray(IValue[]::new);
        }

        void close() {
            owned.forEach(IValue::close);
        }
    }
}
