#include "tests/support/fault_vfs.h"

#include <sqlite3.h>

#include <csignal>
#include <cstring>
#include <mutex>

namespace faultline::testing {

namespace {

struct Control
{
    std::mutex mutex;
    Fault fault;
    std::uint64_t calls = 0, failures = 0;
};

Control& control()
{
    static Control instance;
    return instance;
}

bool fails(IoCall call)
{
    Control& c = control();
    std::lock_guard lock(c.mutex);
    if ((c.fault.calls & call) == 0) return false;
    ++c.calls;
    if (c.fault.at == 0 || c.calls < c.fault.at) return false;
    if (c.calls > c.fault.at && !c.fault.sticky) return false;
    if (c.fault.kill) std::raise(SIGKILL);
    ++c.failures;
    return true;
}

Fault current()
{
    Control& c = control();
    std::lock_guard lock(c.mutex);
    return c.fault;
}

struct FaultFile
{
    sqlite3_file base;
    sqlite3_file* real;
};

sqlite3_file* realOf(sqlite3_file* file)
{
    return reinterpret_cast<FaultFile*>(file)->real;
}
sqlite3_vfs* realVfs(sqlite3_vfs* vfs)
{
    return static_cast<sqlite3_vfs*>(vfs->pAppData);
}

int onClose(sqlite3_file* file)
{
    sqlite3_file* real = realOf(file);
    return real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
}

int onRead(sqlite3_file* file, void* data, int size, sqlite3_int64 offset)
{
    sqlite3_file* real = realOf(file);
    if (!fails(IoRead)) return real->pMethods->xRead(real, data, size, offset);
    if (!current().shortRead) return SQLITE_IOERR_READ;
    const int code = real->pMethods->xRead(real, data, size, offset);
    if (code != SQLITE_OK) return code;
    std::memset(static_cast<char*>(data) + size / 2, 0, static_cast<std::size_t>(size - size / 2));
    return SQLITE_IOERR_SHORT_READ;
}

int onWrite(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset)
{
    sqlite3_file* real = realOf(file);
    if (!fails(IoWrite)) return real->pMethods->xWrite(real, data, size, offset);
    real->pMethods->xWrite(real, data, size / 2, offset);
    return current().full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

int onTruncate(sqlite3_file* file, sqlite3_int64 size)
{
    sqlite3_file* real = realOf(file);
    return fails(IoTruncate) ? SQLITE_IOERR_TRUNCATE : real->pMethods->xTruncate(real, size);
}

int onSync(sqlite3_file* file, int flags)
{
    sqlite3_file* real = realOf(file);
    return fails(IoSync) ? SQLITE_IOERR_FSYNC : real->pMethods->xSync(real, flags);
}

int onFileSize(sqlite3_file* file, sqlite3_int64* size)
{
    sqlite3_file* real = realOf(file);
    return fails(IoFileSize) ? SQLITE_IOERR_FSTAT : real->pMethods->xFileSize(real, size);
}

int onLock(sqlite3_file* file, int level)
{
    return realOf(file)->pMethods->xLock(realOf(file), level);
}
int onUnlock(sqlite3_file* file, int level)
{
    return realOf(file)->pMethods->xUnlock(realOf(file), level);
}
int onCheckReserved(sqlite3_file* file, int* out)
{
    return realOf(file)->pMethods->xCheckReservedLock(realOf(file), out);
}
int onControl(sqlite3_file* file, int op, void* arg)
{
    return realOf(file)->pMethods->xFileControl(realOf(file), op, arg);
}
int onSectorSize(sqlite3_file* file)
{
    return realOf(file)->pMethods->xSectorSize(realOf(file));
}
int onDevice(sqlite3_file* file)
{
    return realOf(file)->pMethods->xDeviceCharacteristics(realOf(file));
}

int onShmMap(sqlite3_file* file, int page, int size, int extend, void volatile** out)
{
    if (fails(IoShmMap)) return SQLITE_IOERR_SHMMAP;
    return realOf(file)->pMethods->xShmMap(realOf(file), page, size, extend, out);
}
int onShmLock(sqlite3_file* file, int offset, int n, int flags)
{
    return realOf(file)->pMethods->xShmLock(realOf(file), offset, n, flags);
}
void onShmBarrier(sqlite3_file* file)
{
    realOf(file)->pMethods->xShmBarrier(realOf(file));
}
int onShmUnmap(sqlite3_file* file, int erase)
{
    return realOf(file)->pMethods->xShmUnmap(realOf(file), erase);
}

const sqlite3_io_methods kMethods = {
    2,         onClose,      onRead,          onWrite,   onTruncate,   onSync,   onFileSize,
    onLock,    onUnlock,     onCheckReserved, onControl, onSectorSize, onDevice, onShmMap,
    onShmLock, onShmBarrier, onShmUnmap,      nullptr,   nullptr};

int onOpen(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* outFlags)
{
    auto* fault = reinterpret_cast<FaultFile*>(file);
    fault->base.pMethods = nullptr;
    fault->real = reinterpret_cast<sqlite3_file*>(fault + 1);
    if (fails(IoOpen)) return SQLITE_CANTOPEN;
    const int code = realVfs(vfs)->xOpen(realVfs(vfs), path, fault->real, flags, outFlags);
    if (fault->real->pMethods) fault->base.pMethods = &kMethods;
    return code;
}

int onDelete(sqlite3_vfs* vfs, const char* path, int sync)
{
    return fails(IoDelete) ? SQLITE_IOERR_DELETE : realVfs(vfs)->xDelete(realVfs(vfs), path, sync);
}
int onAccess(sqlite3_vfs* vfs, const char* path, int flags, int* out)
{
    return realVfs(vfs)->xAccess(realVfs(vfs), path, flags, out);
}
int onFullPath(sqlite3_vfs* vfs, const char* path, int size, char* out)
{
    return realVfs(vfs)->xFullPathname(realVfs(vfs), path, size, out);
}
int onRandom(sqlite3_vfs* vfs, int size, char* out)
{
    return realVfs(vfs)->xRandomness(realVfs(vfs), size, out);
}
int onSleep(sqlite3_vfs* vfs, int micros)
{
    return realVfs(vfs)->xSleep(realVfs(vfs), micros);
}
int onTime(sqlite3_vfs* vfs, double* out)
{
    return realVfs(vfs)->xCurrentTime(realVfs(vfs), out);
}
int onLastError(sqlite3_vfs*, int, char*)
{
    return 0;
}
int onTime64(sqlite3_vfs* vfs, sqlite3_int64* out)
{
    return realVfs(vfs)->xCurrentTimeInt64(realVfs(vfs), out);
}

} // namespace

const char* FaultVfs::name()
{
    static sqlite3_vfs vfs = [] {
        sqlite3_vfs* real = sqlite3_vfs_find(nullptr);
        sqlite3_vfs made{};
        made.iVersion = 2;
        made.szOsFile = static_cast<int>(sizeof(FaultFile)) + real->szOsFile;
        made.mxPathname = real->mxPathname;
        made.zName = "fault";
        made.pAppData = real;
        made.xOpen = onOpen;
        made.xDelete = onDelete;
        made.xAccess = onAccess;
        made.xFullPathname = onFullPath;
        made.xRandomness = onRandom;
        made.xSleep = onSleep;
        made.xCurrentTime = onTime;
        made.xGetLastError = onLastError;
        made.xCurrentTimeInt64 = onTime64;
        return made;
    }();
    static const int registered = sqlite3_vfs_register(&vfs, 0);
    return registered == SQLITE_OK ? "fault" : nullptr;
}

void FaultVfs::arm(const Fault& fault)
{
    Control& c = control();
    std::lock_guard lock(c.mutex);
    c.fault = fault;
    c.calls = 0;
    c.failures = 0;
}

void FaultVfs::disarm()
{
    Control& c = control();
    std::lock_guard lock(c.mutex);
    c.fault = {};
}

std::uint64_t FaultVfs::calls()
{
    Control& c = control();
    std::lock_guard lock(c.mutex);
    return c.calls;
}

std::uint64_t FaultVfs::failures()
{
    Control& c = control();
    std::lock_guard lock(c.mutex);
    return c.failures;
}

} // namespace faultline::testing
