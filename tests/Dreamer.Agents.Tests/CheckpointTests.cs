using System.Text;
using Dreamer.Agents.Checkpoints;
using static Dreamer.Agents.Tests.Support.Tensors;
using static TorchSharp.torch;

namespace Dreamer.Agents.Tests;

public sealed class CheckpointTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("checkpoints").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void WhatIsSavedComesBack()
    {
        using var scope = NewDisposeScope();
        var store = new CheckpointStore(directory);
        Save(store, 7, 1.5f);
        using var reader = store.OpenNewest(Fail)!;
        var (a, b) = (zeros(2, 3), zeros([1], float64));
        reader.Tensor("a", a);
        reader.Tensor("b", b);
        Near([1.5, 1.5, 1.5, 1.5, 1.5, 1.5], a, 0);
        Near([Math.PI], b, 0);
        Assert.Equal(7, reader.Value<long>("updates"));
        Assert.Equal(["x", "y"], reader.Value<string[]>("names"));
        Assert.True(reader.Has("names"));
        Assert.False(reader.Has("other"));
    }

    [Fact]
    public void TheFileIsStandardSafetensors()
    {
        using var scope = NewDisposeScope();
        var path = Save(new CheckpointStore(directory), 1, 2);
        var bytes = File.ReadAllBytes(Path.Combine(path, "tensors.safetensors"));
        const string Header = """{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"F64","shape":[1],"data_offsets":[24,32]}}""";
        var length = BitConverter.ToInt64(bytes);
        Assert.Equal(0, length % 8);
        Assert.Equal(Header, Encoding.UTF8.GetString(bytes, 8, (int)length).TrimEnd(' '));
        Assert.Equal(8 + length + 32, bytes.Length);
        Assert.Equal(2f, BitConverter.ToSingle(bytes, 8 + (int)length));
    }

    [Fact]
    public void TheNewestFewAreKept()
    {
        using var scope = NewDisposeScope();
        var store = new CheckpointStore(directory, keep: 2);
        foreach (var updates in new[] { 9, 10, 200, 200 })
        {
            Save(store, updates, updates);
        }

        Assert.Equal(["update-000000000010", "update-000000000200"], Directory.GetDirectories(directory).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("tensors.safetensors", true)]
    [InlineData("tensors.safetensors", false)]
    [InlineData("state.json", true)]
    [InlineData("state.json", false)]
    public void ATornOneFallsBackToTheOneBeforeAndSaysSo(string file, bool cut)
    {
        using var scope = NewDisposeScope();
        var store = new CheckpointStore(directory);
        Save(store, 1, 1);
        var newest = Path.Combine(Save(store, 2, 2), file);
        var bytes = File.ReadAllBytes(newest);
        bytes[bytes.Length * 2 / 3] ^= 1;
        File.WriteAllBytes(newest, cut ? bytes[..(bytes.Length / 2)] : bytes);
        var told = new List<string>();
        using var reader = store.OpenNewest(told.Add)!;
        Assert.Equal(1, reader.Value<long>("updates"));
        Assert.Contains("update-000000000002", Assert.Single(told), StringComparison.Ordinal);
    }

    [Fact]
    public void OnlyDamagedOnesAreAnErrorAndNoneAtAllIsNot()
    {
        using var scope = NewDisposeScope();
        var store = new CheckpointStore(directory);
        Assert.Null(store.OpenNewest(Fail));
        File.Delete(Path.Combine(Save(store, 1, 1), "tensors.safetensors"));
        Assert.Throws<CheckpointException>(() => store.OpenNewest(_ => { }));
    }

    [Fact]
    public void AFailedWriteLeavesTheOldOnesAlone()
    {
        using var scope = NewDisposeScope();
        var store = new CheckpointStore(directory);
        Save(store, 1, 1);
        Assert.Throws<CheckpointException>(() => store.Save(2, writer =>
        {
            writer.Value("updates", 2);
            throw new IOException("no space left on device");
        }));
        using var reader = store.OpenNewest(Fail)!;
        Assert.Equal(1, reader.Value<long>("updates"));
    }

    [Fact]
    public void AnotherShapeNamesTheTensorAndBothShapes()
    {
        using var scope = NewDisposeScope();
        var store = new CheckpointStore(directory);
        Save(store, 1, 1);
        using var reader = store.OpenNewest(Fail)!;
        var error = Assert.Throws<CheckpointMismatchException>(() => reader.Tensor("a", zeros(4, 3)));
        Assert.Contains("tensor a is F32 [2, 3]", error.Message, StringComparison.Ordinal);
        Assert.Contains("F32 [4, 3]", error.Message, StringComparison.Ordinal);
        Assert.Throws<CheckpointMismatchException>(() => reader.Tensor("c", zeros(1)));
        Assert.Throws<CheckpointMismatchException>(() => reader.Value<long>("names"));
    }

    private static string Save(CheckpointStore store, long updates, float fill) => store.Save(updates, writer =>
    {
        writer.Value("updates", updates);
        writer.Value("names", new[] { "x", "y" });
        writer.Tensor("a", full(2, 3, fill));
        writer.Tensor("b", F64(Math.PI));
    });

    private static void Fail(string message) => Assert.Fail(message);
}
