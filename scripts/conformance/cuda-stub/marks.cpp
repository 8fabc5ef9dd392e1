// Whatever a program writes to the file that FAKE_MARK names ends a section of the account: the lines of metrics.csv end steps.
// A library of its own, since the runtime's functions are all of one version and glibc's write is not.
#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" ssize_t write(int file, const void* bytes, size_t n) {
    using Mark = void (*)(const char*);
    static const char* suffix = getenv("FAKE_MARK");
    static const Mark mark = reinterpret_cast<Mark>(dlsym(RTLD_DEFAULT, "fake_mark"));
    if (suffix && mark) {
        char link[64], path[4096];
        snprintf(link, sizeof link, "/proc/self/fd/%d", file);
        const ssize_t length = readlink(link, path, sizeof path), wanted = static_cast<ssize_t>(strlen(suffix));
        if (length >= wanted && memcmp(path + length - wanted, suffix, wanted) == 0) mark(suffix);
    }
    return syscall(SYS_write, file, bytes, n);
}
