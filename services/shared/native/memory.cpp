// Memory of large tensors on the CPU. The same sizes come and go with every update, and giving them back to the system costs more than using them:
// each page is cleared and faulted in anew. So they are cut from one range of addresses that keeps its pages, the lowest free place first,
// which bounds what is kept by what was in use at once, and on huge pages where the system has them.
#include "boundary.h"

#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <mutex>
#include <unordered_map>

namespace {

constexpr size_t kLeast = size_t{1} << 20, kUnit = size_t{64} << 10, kHugePage = size_t{2} << 20;

class Range final : public at::Allocator {
 public:
  Range() {
    // Addresses only: pages come when they are touched. Twice the memory of the machine, so that gaps do no harm.
    const size_t size = 2 * static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE)) / kHugePage * kHugePage;
    void* start = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) return;
    madvise(start, size, MADV_HUGEPAGE);
    free_.emplace(static_cast<char*>(start), size);
  }

  // Const or not by the version of libtorch; only one of them is virtual.
  at::DataPtr allocate(size_t bytes) const { return const_cast<Range*>(this)->take(bytes); }
  at::DataPtr allocate(size_t bytes) { return take(bytes); }
  at::DeleterFnPtr raw_deleter() const override { return &release; }
  void copy_data(void* to, const void* from, size_t bytes) const { std::memcpy(to, from, bytes); }

 private:
  static void release(void* block);

  at::DataPtr take(size_t bytes) {
    if (bytes < kLeast) return others_->allocate(bytes);
    const size_t size = (bytes + kUnit - 1) / kUnit * kUnit;
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto place = free_.begin(); place != free_.end(); ++place) {
      if (place->second < size) continue;
      char* const block = place->first;
      if (place->second > size) free_.emplace(block + size, place->second - size);
      free_.erase(place);
      used_.emplace(block, size);
      return {block, block, &release, at::Device(at::kCPU)};
    }
    return others_->allocate(bytes);
  }

  // Also asked to free what the other allocator gave.
  void give_back(char* block) {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = used_.find(block);
    if (found == used_.end()) return others_->raw_deleter()(block);
    auto place = free_.emplace(block, found->second).first;
    used_.erase(found);
    const auto next = std::next(place);
    if (next != free_.end() && place->first + place->second == next->first) {
      place->second += next->second;
      free_.erase(next);
    }
    if (place == free_.begin()) return;
    const auto before = std::prev(place);
    if (before->first + before->second == place->first) {
      before->second += place->second;
      free_.erase(place);
    }
  }

  at::Allocator* const others_ = c10::GetDefaultCPUAllocator();
  std::mutex mutex_;
  std::map<char*, size_t> free_;
  std::unordered_map<char*, size_t> used_;
};

// Never destroyed: tensors may outlive everything else.
Range& range() {
  static Range* const instance = new Range;
  return *instance;
}

void Range::release(void* block) { range().give_back(static_cast<char*>(block)); }

const bool registered = (c10::SetCPUAllocator(&range(), 1), true);

}  // namespace
