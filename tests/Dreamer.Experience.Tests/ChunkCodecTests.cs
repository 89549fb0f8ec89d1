using System.Text;

namespace Dreamer.Experience.Tests;

public sealed class ChunkCodecTests
{
    [Theory]
    [InlineData(ChunkCompression.None)]
    [InlineData(ChunkCompression.Auto)]
    public void EveryFieldComesBack(ChunkCompression compression)
    {
        var chunk = Given.Chunks(3, 40, end: true, policyVersion: 7)[2];
        var back = ChunkCodec.Decode(ChunkCodec.Encode(chunk, Given.Schema, compression), Given.Schema);
        Assert.Equal((chunk.Stream, 2L, 8, true, 39L, 46L), (back.Stream, back.Sequence, back.Steps, back.EndsStream, back.MinPolicyVersion, back.MaxPolicyVersion));
        Assert.Equal([new Episode(7, 9, 9)], back.Episodes.ToArray());
        Assert.Equal(chunk.Columns.Select(column => column.ToArray()), back.Columns.Select(column => column.ToArray()));
    }

    [Fact]
    public void ImagesShrinkAndNoiseIsLeftAsItIs()
    {
        var chunk = Given.Chunks(1, 16)[0];
        var raw = ChunkCodec.Encode(chunk, Given.Schema, ChunkCompression.None).Length;
        Assert.InRange(ChunkCodec.Encode(chunk, Given.Schema, ChunkCompression.Auto).Length, 0, raw - (chunk.Columns[0].Length / 2));
        new Random(1).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsMemory(chunk.Columns[0]).Span);
        Assert.Equal(raw, ChunkCodec.Encode(chunk, Given.Schema, ChunkCompression.Auto).Length);
    }

    [Theory]
    [InlineData(ChunkCompression.None)]
    [InlineData(ChunkCompression.Auto)]
    public void AnyDamagedByteIsRefused(ChunkCompression compression)
    {
        var encoded = ChunkCodec.Encode(Given.Chunks(1, 16)[0], Given.Schema, compression);
        for (var at = 0; at < encoded.Length; at++)
        {
            var damaged = (byte[])encoded.Clone();
            damaged[at] ^= 0x04;
            try
            {
                // A byte of a compressed block may be unused by what it says; then everything must come back right.
                var back = ChunkCodec.Decode(damaged, Given.Schema);
                Assert.Equal(Given.Chunks(1, 16)[0].Columns[0].ToArray(), back.Columns[0].ToArray());
                Assert.Equal(ChunkCompression.Auto, compression);
            }
            catch (InvalidChunkException)
            {
            }
        }

        for (var length = 0; length < encoded.Length; length += 7)
        {
            Assert.Throws<InvalidChunkException>(() => ChunkCodec.Decode(encoded.AsMemory(0, length), Given.Schema));
        }
    }

    [Fact]
    public void AWindowOfAColumnEqualsTheSliceOfIt()
    {
        foreach (var compression in new[] { ChunkCompression.None, ChunkCompression.Auto })
        {
            var chunk = Given.Chunks(1, 16)[0];
            var encoded = ChunkCodec.Encode(chunk, Given.Schema, compression);
            byte[] scratch = [];
            for (var column = 0; column < Given.Schema.Tensors.Length; column++)
            {
                var size = Given.Schema.Tensors[column].Bytes;
                for (var first = 0; first < 16; first += 5)
                {
                    var window = new byte[size * (16 - first)];
                    ChunkCodec.ReadColumn(encoded, Given.Schema, column, first, window, ref scratch);
                    Assert.Equal(chunk.Columns[column][(first * size)..].ToArray(), window);
                }
            }
        }
    }

    [Fact]
    public void BothDecompressorsAgree()
    {
        Assert.True(Lz4.Available, "liblz4 is missing (Debian: apt install liblz4-1)");
        var random = new Random(2);
        for (var trial = 0; trial < 200; trial++)
        {
            var raw = new byte[random.Next(1, 3000)];
            for (var at = 0; at < raw.Length; at++)
            {
                raw[at] = (byte)(random.Next(8) == 0 ? random.Next(256) : at > 20 ? raw[at - random.Next(1, 20)] : 0);
            }

            var block = new byte[raw.Length + 100];
            var size = Lz4.Compress(raw, block);
            var wanted = random.Next(1, raw.Length + 1);
            var native = new byte[wanted];
            var managed = new byte[wanted];
            Assert.True(Lz4.Decompress(block.AsSpan(0, size), native));
            Assert.True(Lz4.DecompressManaged(block.AsSpan(0, size), managed));
            Assert.Equal(raw[..wanted], native);
            Assert.Equal(raw[..wanted], managed);
            Assert.False(Lz4.DecompressManaged(block.AsSpan(0, size), new byte[raw.Length + 1]));

            // Damage may change the result but never reads or writes outside.
            block[random.Next(size)] ^= (byte)random.Next(1, 256);
            Lz4.DecompressManaged(block.AsSpan(0, size), managed);
        }
    }

    [Fact]
    public void ChecksumIsCastagnolis()
    {
        Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));
        var text = Encoding.UTF8.GetBytes("one value in two pieces");
        Assert.Equal(Crc32C.Compute(text), Crc32C.Compute(text.AsSpan(0, 5), text.AsSpan(5)));
    }

    [Fact]
    public void AnotherSchemaIsRefused()
    {
        var encoded = Given.Encode(Given.Chunks(1, 16)[0]);
        var other = Schema.For(Given.Environment, []);
        Assert.Contains("schema", Assert.Throws<InvalidChunkException>(() => ChunkCodec.Decode(encoded, other)).Message);
    }

    [Fact]
    public void ASchemaSurvivesItsTextForm()
    {
        var back = Schema.Parse(Given.Schema.ToString());
        Assert.Equal(Given.Schema, back);
        Assert.Equal(Given.Schema.Hash, back.Hash);
        Assert.Null(Given.Schema.Difference(back));
        Assert.Equal(["image", "vector", "action", "reward", "is_first", "is_last", "is_terminal", "deter", "stoch"], back.Tensors.Select(tensor => tensor.Key));
    }
}
