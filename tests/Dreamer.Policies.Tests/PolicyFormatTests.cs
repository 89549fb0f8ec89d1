using System.Text;
using System.Text.Json.Nodes;
using Dreamer.Policies.DreamerV3;
using Dreamer.Spaces;

namespace Dreamer.Policies.Tests;

public sealed class PolicyFormatTests
{
    private static readonly EnvironmentSpec s_environment = Blobs.Environment("both", "continuous:3");
    private static readonly PolicyBlob s_blob = Blobs.Random(s_environment, Blobs.Debug);

    [Fact]
    public void AManifestSurvivesTheWire()
    {
        var manifest = PolicyManifest.Parse(s_blob.Manifest.Span);
        Assert.Equal("dreamer_v3", manifest.Agent);
        Assert.Equal(s_environment, manifest.ParseEnvironment());
        Assert.Equal(Blobs.Debug, DreamerV3Format.Policy.Sizes(manifest.Sizes));
        Assert.Equal("enc/mlp0/weight[8, 6]", manifest.Tensors[0].ToString());
        Assert.Equal(manifest.Tensors[0].Elements, manifest.Tensors[1].Offset);
        Assert.Contains("\"encoder_layers\":1", Encoding.UTF8.GetString(s_blob.Manifest.Span));
    }

    [Theory]
    [InlineData("size1m", "pol", 50_316)]
    [InlineData("size12m", "pol", 791_052)]
    [InlineData("size1m", "enc", 14_304)]
    [InlineData("size12m", "enc", 220_416)]
    public void CountsAgreeWithThePaper(string size, string module, long expected)
    {
        var sizes = size == "size1m" ? DreamerV3Sizes.Size1M : DreamerV3Sizes.Size12M;
        var tensors = DreamerV3Format.Tensors(PolicyBenchmark.Image, sizes);
        Assert.Equal(expected, tensors.Where(tensor => tensor.Name.StartsWith(module, StringComparison.Ordinal)).Sum(tensor => tensor.Elements));
    }

    [Fact]
    public void TheBuilderWantsEveryTensorInOrder()
    {
        var builder = DreamerV3Format.Policy.Builder(s_environment, Blobs.Debug);
        var wrong = Assert.Throws<ArgumentException>(() => builder.Add("pol/mean/bias", [3], new float[3]));
        Assert.Contains("enc/mlp0/weight[8, 6] is due", wrong.Message);
        Assert.Throws<ArgumentException>(() => builder.Add("enc/mlp0/weight", [8, 6], new float[47]));
        Assert.Throws<ArgumentException>(() => builder.Add("enc/mlp0/weight", [6, 8], new float[48]));
        Assert.Contains("enc/mlp0/weight", Assert.Throws<InvalidOperationException>(() => builder.Build(1)).Message);
    }

    [Fact]
    public void DamageIsNoticedAndTheOldWeightsStay()
    {
        var policy = PolicyFactory.Create(s_blob, 1, seed: 0);
        var weights = s_blob.Weights.ToArray();
        weights[100] ^= 1;
        var refused = Assert.Throws<PolicyFormatException>(() => policy.Load(s_blob with { Version = 2, Weights = weights }));
        Assert.Contains("SHA-256", refused.Message);
        Assert.Throws<PolicyFormatException>(() => PolicyFactory.Create(s_blob with { Sha256 = Array.Empty<byte>() }, 1, 0));
        Assert.Equal(1, policy.Version);

        var (step, actions, expected) = (Blobs.Step(s_environment, 1, first: true), new float[3], new float[3]);
        policy.Act([0], [step], actions);
        PolicyFactory.Create(s_blob, 1, seed: 0).Act([0], [step], expected);
        Assert.Equal(expected, actions);
    }

    [Fact]
    public void WeightsOfAnotherSizeAreRefused()
    {
        var policy = PolicyFactory.Create(s_blob, 1, seed: 0);
        Assert.Contains("restart the actor", Assert.Throws<PolicyFormatException>(() => policy.Load(Blobs.Random(s_environment, Blobs.Odd))).Message);
        Assert.Throws<PolicyFormatException>(() => policy.Load(Blobs.Random(Blobs.Environment("vector", "continuous:3"), Blobs.Debug)));
        Assert.Equal(1, policy.Version);
    }

    [Theory]
    [InlineData("agent", "\"dreamer_v9\"", "dreamer_v9")]
    [InlineData("format", "2", "same release")]
    [InlineData("action", "\"jump\"", "continuous:6")]
    [InlineData("observations", "[\"vector:float32:6\", null]", "not a tensor")]
    [InlineData("observations", "[]", "observes")]
    [InlineData("observations", "[\"image:uint8:20x20x3\"]", "multiples of 16")]
    [InlineData("observations", "[\"room:int32:2\"]", "number of classes")]
    [InlineData("observations", "[\"huge:float32:65536x65536x65536x65536\"]", "names a space")]
    [InlineData("tensors", "[]", "missing")]
    [InlineData("tensors", "null", "not readable")]
    [InlineData("sizes.deter", "9", "multiple of blocks")]
    [InlineData("sizes.deter", "0", "deter")]
    [InlineData("sizes.classes", "257", "classes")]
    [InlineData("sizes.hidden", "65536", "tensor")]
    [InlineData("sizes.unimix", "2", "unimix")]
    public void ALyingManifestIsRefused(string key, string value, string reason)
    {
        var json = JsonNode.Parse(s_blob.Manifest.Span)!;
        var parent = key.StartsWith("sizes.", StringComparison.Ordinal) ? json["sizes"]! : json;
        parent[key.Split('.')[^1]] = JsonNode.Parse(value);
        var blob = PolicyBlob.Create(2, Encoding.UTF8.GetBytes(json.ToJsonString()), s_blob.Weights);
        Assert.Contains(reason, Assert.Throws<PolicyFormatException>(() => PolicyFactory.Create(blob, 1, 0)).Message);
    }

    [Fact]
    public void LengthsAreCheckedBeforeAnythingIsAllocated()
    {
        Assert.Contains("bytes of weights", Refusal(PolicyBlob.Create(2, s_blob.Manifest, s_blob.Weights[..^2])));
        Assert.Contains("bytes of weights", Refusal(PolicyBlob.Create(2, s_blob.Manifest, s_blob.Weights[..^1])));
        Assert.Contains("not readable", Refusal(PolicyBlob.Create(2, "{"u8.ToArray(), s_blob.Weights)));
        Assert.Contains("at most", Refusal(PolicyBlob.Create(2, new byte[2 << 20], s_blob.Weights)));

        // Sizes that would need 100 GB, and a manifest that agrees with them.
        var sizes = Blobs.Debug with { Deter = 65_536, Hidden = 65_536, Units = 65_536, Blocks = 1 };
        var manifest = PolicyManifest.Parse(s_blob.Manifest.Span) with { Sizes = DreamerV3Format.Policy.Element(sizes), Tensors = [.. DreamerV3Format.Tensors(s_environment, sizes)] };
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("bytes of weights", Refusal(PolicyBlob.Create(2, manifest.ToJson(), s_blob.Weights)));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private static string Refusal(PolicyBlob blob) => Assert.Throws<PolicyFormatException>(() => PolicyFactory.Create(blob, 1, 0)).Message;
}
