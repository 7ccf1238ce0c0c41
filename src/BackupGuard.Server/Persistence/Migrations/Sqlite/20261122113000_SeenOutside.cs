using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace BackupGuard.Server.Persistence.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class SeenOutside : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "mailed_checkpoints",
                columns: table => new
                {
                    size = table.Column<long>(type: "INTEGER", nullable: false),
                    sent_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_mailed_checkpoints", x => x.size);
                });

            migrationBuilder.CreateTable(
                name: "time_stamps",
                columns: table => new
                {
                    size = table.Column<long>(type: "INTEGER", nullable: false),
                    authority = table.Column<string>(type: "TEXT", nullable: false),
                    request = table.Column<byte[]>(type: "BLOB", nullable: false),
                    token = table.Column<byte[]>(type: "BLOB", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_time_stamps", x => new { x.size, x.authority });
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "mailed_checkpoints");

            migrationBuilder.DropTable(
                name: "time_stamps");
        }
    }
}
