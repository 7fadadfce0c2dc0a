#pragma once

#include <mutex>

#if defined(__clang__)
#define LIVESTREAM_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define LIVESTREAM_THREAD_ATTRIBUTE(x)
#endif

#define GUARDED_BY(mutex) LIVESTREAM_THREAD_ATTRIBUTE(guarded_by(mutex))
#define REQUIRES(...) LIVESTREAM_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))

namespace livestream {

// std::mutex with the attributes that let Clang's thread-safety analysis follow it.
class LIVESTREAM_THREAD_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void lock() LIVESTREAM_THREAD_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void unlock() LIVESTREAM_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class LIVESTREAM_THREAD_ATTRIBUTE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) LIVESTREAM_THREAD_ATTRIBUTE(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() LIVESTREAM_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace livestream
