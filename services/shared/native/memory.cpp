// Memory of large tensors on the CPU. The same sizes come and go with every update, and giving them back to the system costs more than using them:
// each page is cleared and faulted in anew. So blocks are kept for the next tensor of nearly their size, on huge pages where the system has them.
#include "boundary.h"

#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>

#include <map>
#include <mutex>
#include <unordered_map>

namespace {

constexpr size_t kPage = size_t{2} << 20;

class Pool final : public at::Allocator {
 public:
  // Const or not by the version of libtorch; only one of them is virtual.
  at::DataPtr allocate(size_t bytes) const { return const_cast<Pool*>(this)->take(bytes); }
  at::DataPtr allocate(size_t bytes) { return take(bytes); }
  at::DeleterFnPtr raw_deleter() const override { return &release; }
  void copy_data(void* to, const void* from, size_t bytes) const { std::memcpy(to, from, bytes); }

 private:
  at::DataPtr take(size_t bytes) {
    if (bytes < kPage) return small_->allocate(bytes);
    const size_t size = (bytes + kPage - 1) / kPage * kPage;
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = free_.lower_bound(size);
    if (found == free_.end() || found->first > size + size / 4) {
      // What is kept never grows beyond half of the most that was in use at once.
      while (!free_.empty() && used_ + kept_ + size > std::max(peak_, used_ + size) / 2 * 3) drop(std::prev(free_.end()));
      found = free_.emplace(size, map(size));
      kept_ += size;
    }
    void* block = found->second;
    blocks_[block] = found->first;
    kept_ -= found->first;
    used_ += found->first;
    peak_ = std::max(peak_, used_);
    free_.erase(found);
    return {block, block, &release, at::Device(at::kCPU)};
  }

  static void release(void* block);

  void give_back(void* block) {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = blocks_.find(block);
    if (found == blocks_.end()) return small_->raw_deleter()(block);
    free_.emplace(found->second, block);
    used_ -= found->second;
    kept_ += found->second;
    blocks_.erase(found);
  }

  void drop(std::multimap<size_t, void*>::iterator block) {
    munmap(block->second, block->first);
    kept_ -= block->first;
    free_.erase(block);
  }

  // Huge pages want their own alignment: one page too many, of which the ends are returned.
  static void* map(size_t size) {
    void* start = mmap(nullptr, size + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TORCH_CHECK(start != MAP_FAILED, "no memory for a tensor of ", size, " bytes: lower batch_size, batch_length or the size of the model");
    char *from = static_cast<char*>(start), *aligned = reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(start) + kPage - 1) / kPage * kPage);
    if (aligned > from) munmap(from, aligned - from);
    if (aligned < from + kPage) munmap(aligned + size, from + kPage - aligned);
    madvise(aligned, size, MADV_HUGEPAGE);
    return aligned;
  }

  at::Allocator* small_ = c10::GetDefaultCPUAllocator();
  std::mutex mutex_;
  std::multimap<size_t, void*> free_;
  std::unordered_map<void*, size_t> blocks_;
  size_t used_ = 0, kept_ = 0, peak_ = 0;
};

// Never destroyed: tensors may outlive everything else.
Pool& pool() {
  static Pool* const instance = new Pool;
  return *instance;
}

void Pool::release(void* block) { pool().give_back(block); }

const bool registered = (c10::SetCPUAllocator(&pool(), 1), true);

}  // namespace
